"""What crosses the wire (``wire: 1``): snapshot, customer state, decision and payload, written and read here alone.

``encode_…`` returns plain JSON values. ``decode_…`` takes anything and raises nothing but ``WireError``; it passes over
fields it does not know, so that an older SDK understands a newer server of the same wire version.
"""

from __future__ import annotations

from liftgate.engine.wire_decision import decode_decision, encode_decision
from liftgate.engine.wire_payload import decode_payload, encode_payload
from liftgate.engine.wire_snapshot import decode_incentive, decode_snapshot, encode_incentive, encode_snapshot
from liftgate.engine.wire_state import decode_state, encode_state
from liftgate.engine.wire_values import WIRE_VERSION, WireError, decode_instant, encode_instant

__all__ = [
    "WIRE_VERSION",
    "WireError",
    "decode_decision",
    "decode_incentive",
    "decode_instant",
    "decode_payload",
    "decode_snapshot",
    "decode_state",
    "encode_decision",
    "encode_incentive",
    "encode_instant",
    "encode_payload",
    "encode_snapshot",
    "encode_state",
]
