"""Owns orders and the payment providers that settle them.

Refuses to know what a plan gives and to change a subscription by itself: a settled order asks customers to.
May use customers, catalog, access and plumbing.
"""
