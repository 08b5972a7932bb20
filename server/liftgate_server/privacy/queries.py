"""Reads of everything that is known of one customer."""

from __future__ import annotations
