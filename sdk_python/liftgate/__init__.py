"""Liftgate: gates around features, and a true offer behind each closed one.

>>> # lg = liftgate.Client("https://liftgate.example.com", "lgsk_production_k1_...")
>>> # @lg.gate("reports.export")
>>> # def export(): ...
>>> # with lg.customer("acme", user="u1", locale="de"):
>>> #     export()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liftgate.bindings import Binding
from liftgate.client import Client
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.gate_modes import FailPolicy
from liftgate.errors import (
    ApiError,
    BindingError,
    ConfigurationError,
    FieldError,
    GateUnavailable,
    LiftgateError,
    ServerUnreachable,
    UnknownGate,
    UpgradeRequired,
)

if TYPE_CHECKING:
    from liftgate.engine.notices import Notice
    from liftgate.engine.payload_model import Payload
    from liftgate.tokens import Token

__all__ = [
    "ApiError",
    "Binding",
    "BindingError",
    "Client",
    "ConfigurationError",
    "Decision",
    "FailPolicy",
    "FieldError",
    "GateUnavailable",
    "LiftgateError",
    "Notice",
    "Payload",
    "Reason",
    "ServerUnreachable",
    "Token",
    "UnknownGate",
    "UpgradeRequired",
]


def __getattr__(name: str) -> Any:
    # Three names that only annotations use are loaded when somebody asks for them; with them `import liftgate` would
    # take a third longer.
    if name == "Notice":
        from liftgate.engine.notices import Notice  # noqa: PLC0415

        return Notice
    if name == "Payload":
        from liftgate.engine.payload_model import Payload  # noqa: PLC0415

        return Payload
    if name == "Token":
        from liftgate.tokens import Token  # noqa: PLC0415

        return Token
    raise AttributeError(f"module 'liftgate' has no attribute {name!r}")
