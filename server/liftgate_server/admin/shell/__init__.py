"""Owns the pages around the areas: entry, overview, account, keys, people, environment, audit log.

Refuses catalogue and customers.
May use access and reads of the rooms that the overview counts.
"""
