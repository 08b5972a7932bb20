"""Owns customers, their users, subscriptions over time, add-ons, grants and the MRR ledger.

Refuses to take orders or payments (billing does) and to decide about access (the engine does).
May use catalog, access and plumbing.
"""
