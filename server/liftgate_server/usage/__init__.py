"""Owns what hosts report: uses and refusals of gates by the hour, and the last known level of each counted feature.

Refuses to decide or to bill by them: they are for people to look at, taken exactly once and kept for 35 days.
May use access and plumbing; `publishing.queries` and `entitlements.queries` read its tables.
"""
