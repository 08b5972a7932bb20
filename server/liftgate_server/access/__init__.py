"""Owns environments, their keys, and the proof of who calls.

Refuses to know catalogues and customers: a token's customer is a name here, nothing more.
May use plumbing.
"""
