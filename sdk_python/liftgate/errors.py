"""Everything the SDK raises, in one family."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from liftgate.engine.decision import Decision
    from liftgate.engine.payload_model import Payload

__all__ = [
    "ApiError",
    "BindingError",
    "ConfigurationError",
    "FieldError",
    "GateRefused",
    "GateUnavailable",
    "LiftgateError",
    "ServerUnreachable",
    "UnknownGate",
    "UpgradeRequired",
]


class LiftgateError(Exception):
    """The root of the family.

    >>> issubclass(UpgradeRequired, LiftgateError)
    True
    """


class ConfigurationError(LiftgateError):
    """A setting is missing or cannot be right, such as an address without a host or a key of another kind.

    >>> raise ConfigurationError("No server address: pass `url` or set LIFTGATE_URL.")
    Traceback (most recent call last):
    ...
    liftgate.errors.ConfigurationError: No server address: pass `url` or set LIFTGATE_URL.
    """


class BindingError(LiftgateError):
    """A binding was used in a way that cannot work, or something that needs one ran without.

    >>> # client.token() outside of `with client.customer("acme"):` raises BindingError
    """


class GateRefused(LiftgateError):
    """What the two ways of not passing a gate have in common."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision)
        self.decision = decision

    def __str__(self) -> str:
        return f"gate {self.decision.gate!r}: {self.decision.reason}"


class UpgradeRequired(GateRefused):
    """A gate refused, and the data says so.

    A host raises it itself, with the ``offer`` of a ``Share``, where somebody asks for more before anything is refused.

    >>> # try: export()
    >>> # except liftgate.UpgradeRequired as refusal: show(refusal.decision, refusal.payload)
    """

    def __init__(self, decision: Decision, *, offer: Payload | None = None) -> None:
        super().__init__(decision)
        self._offer = offer

    @property
    def payload(self) -> Payload | None:
        """The modal payload of the refusal; ``None`` when there is nothing true to offer."""
        return self.decision.offer if self._offer is None else self._offer


class GateUnavailable(GateRefused):
    """A gate that fails closed had no data to decide on. An outage, never a reason to offer an upgrade.

    >>> # except liftgate.GateUnavailable as outage: return "Please try again in a minute.", 503
    """


class UnknownGate(LiftgateError):
    """Strict mode only: the catalogue has neither a gate nor a feature of that key.

    >>> UnknownGate("reports.exprot").gate
    'reports.exprot'
    """

    def __init__(self, gate: str) -> None:
        super().__init__(gate)
        self.gate = gate

    def __str__(self) -> str:
        return f"The catalogue has neither a gate nor a feature {self.gate!r}."


class ServerUnreachable(LiftgateError):
    """No usable answer came from the server: refused, too slow, or not what a Liftgate server says.

    Raised by calls that ask the server, such as ``upsert_customer``; never by ``check``.

    >>> # except liftgate.ServerUnreachable: retry_later()
    """


class FieldError(NamedTuple):
    """One thing wrong with one field of a request."""

    path: str
    code: str
    message: str
    line: int | None = None


class ApiError(LiftgateError):
    """The server understood the call and refused it. ``code`` is stable, ``detail`` is for people.

    >>> ApiError("unknown_customer", status=404, detail="There is no customer 'acme'.").code
    'unknown_customer'
    """

    def __init__(self, code: str, *, status: int, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(code, status, detail)
        self.code = code
        self.status = status
        self.detail = detail
        self.errors = errors

    def __str__(self) -> str:
        return f"{self.code} ({self.status}): {self.detail}"
