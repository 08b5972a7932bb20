"""Requests, responses, and the seam between the SDK and the network that tests replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["OpenAnswer", "Request", "Response", "Transport"]


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. ``path`` begins with ``/v1``; the transport adds the address and the key."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, unpacked. The names of ``headers`` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OpenAnswer(Protocol):
    """An answer whose body is read as it comes. The names of ``headers`` are lower case."""

    @property
    def status(self) -> int:
        """The status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""

    def read(self, seconds: float) -> bytes:
        """Return what has come, nothing at the end; wait at most so long for it. Raises ``TimeoutError``."""

    def close(self) -> None:
        """End it."""


class Transport(Protocol):
    """Carries requests. Raises ``ServerUnreachable`` when no answer can be had in time, and nothing else."""

    def send(self, request: Request, *, timeout_seconds: float) -> Response:
        """Return the server's answer, whatever its status."""

    def close(self) -> None:
        """Give up what is under way and refuse what follows."""

    def after_fork(self) -> None:
        """Forget, in a forked child, what belongs to the parent."""
