"""Owns the stream: long-lived connections on which readers hear what changed, held by one process with an event loop.

Refuses to send content: ids and versions only, and to an end user only the catalogue's and the own customer's.
May use entitlements, access and plumbing; the request workers only use its route, which says where it is.
"""
