"""Owns the pages about accounts: the list, what an account has and why, its subscription, grants, orders and history.

Refuses to decide anything about them: customers, billing and the engine do.
May use every room below admin, the frame, and no other area.
"""
