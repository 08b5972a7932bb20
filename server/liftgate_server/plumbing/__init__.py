"""Owns the ground every room stands on: database, clock, changes, paging, idempotency, HTTP glue, settings, logs.

Refuses to know any domain word beyond environment and change.
May use no other room.
"""
