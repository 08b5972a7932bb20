"""Owns the calls that use something up: from what a customer is entitled to, to a posting in the ledger.

Refuses to keep anything itself: the terms come from `entitlements` and the engine, the counting is that of `usage`.
May use entitlements and everything below it.
"""
