"""Liftgate: gates around features, and a true offer behind each closed one.

>>> # lg = liftgate.Client("https://liftgate.example.com", "lgsk_production_k1_...")
>>> # @lg.gate("reports.export")
>>> # def export(): ...
>>> # with lg.customer("acme", user="u1", locale="de"):
>>> #     export()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liftgate.bindings import Binding
    from liftgate.client import Client
    from liftgate.engine.catalogue_model import FailPolicy
    from liftgate.engine.decision import Decision, Reason
    from liftgate.engine.payload_model import Payload
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
    "Payload",
    "Reason",
    "ServerUnreachable",
    "Token",
    "UnknownGate",
    "UpgradeRequired",
]

# A name is loaded when it is first used: the server, the engine's users and the glue import this package for one
# module each, and a command line that only mentions a gated function should not wait for the client.
_HOMES = {
    "Binding": "liftgate.bindings",
    "Client": "liftgate.client",
    "Decision": "liftgate.engine.decision",
    "FailPolicy": "liftgate.engine.catalogue_model",
    "Payload": "liftgate.engine.payload_model",
    "Reason": "liftgate.engine.decision",
    "Token": "liftgate.tokens",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'liftgate' has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "liftgate.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
