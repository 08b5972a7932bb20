"""Owns the ledger of usage with its counters, reservations and thresholds, and what hosts report of gates by the hour.

Refuses to know plans: an allowance says what may be used, and counts only while what it was made from holds.
May use customers, access and plumbing; `publishing`, `entitlements.queries` and `privacy` read its tables.
"""
