"""The two words about gates that a client needs before it has a catalogue, apart from the heavier model."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FailPolicy", "GateMode"]


class GateMode(StrEnum):
    """What a gate does with the answer of its features."""

    ENFORCE = "enforce"
    OBSERVE = "observe"
    OPEN = "open"
    CLOSED = "closed"


class FailPolicy(StrEnum):
    """What a gate answers when no data can be had."""

    OPEN = "open"
    CLOSED = "closed"
