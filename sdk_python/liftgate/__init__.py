"""Liftgate."""
