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
    from liftgate.consuming import Consumption, Reservation
    from liftgate.engine.notices import Notice
    from liftgate.engine.payload_model import Payload
    from liftgate.engine.share import Share
    from liftgate.tokens import Token

__all__ = [
    "ApiError",
    "Binding",
    "BindingError",
    "Client",
    "ConfigurationError",
    "Consumption",
    "Decision",
    "FailPolicy",
    "FieldError",
    "GateUnavailable",
    "LiftgateError",
    "Notice",
    "Payload",
    "Reason",
    "Reservation",
    "ServerUnreachable",
    "Share",
    "Token",
    "UnknownGate",
    "UpgradeRequired",
]


# Names that only annotations use are loaded when somebody asks for them; with them `import liftgate` would take a third
# longer.
_LATE = {
    "Consumption": "liftgate.consuming",
    "Notice": "liftgate.engine.notices",
    "Payload": "liftgate.engine.payload_model",
    "Reservation": "liftgate.consuming",
    "Share": "liftgate.engine.share",
    "Token": "liftgate.tokens",
}


def __getattr__(name: str) -> Any:
    module = _LATE.get(name)
    if module is None:
        raise AttributeError(f"module 'liftgate' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as late as what it imports

    return getattr(import_module(module), name)
