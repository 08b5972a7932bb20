"""This room has no tables: it decides from what the other rooms keep."""

from __future__ import annotations
