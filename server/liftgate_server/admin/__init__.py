"""Owns the pages of product managers: frame, sign-in, navigation, and an area per idea.

Refuses to decide anything: a page calls the rooms' services and queries, and shows what they answer.
May use every room below it.
"""
