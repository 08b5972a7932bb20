"""Structured logs: JSON lines for machines, colours for people, and never a credential."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog
from flask import has_request_context, request

# Where a request's environment carries its id.
REQUEST_ID = "liftgate.request_id"
# Whatever looks like one of our keys or tokens is cut out of every value, wherever it came from.
_CREDENTIAL = re.compile(r"lg[sm]k_[a-z0-9-]{1,32}_[0-9a-z]{1,32}_[A-Za-z0-9_-]+|eyJ[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_SECRET_NAMES = frozenset({"authorization", "secret", "password", "token", "api_key", "cookie"})


def configure_logs(*, level: str, as_json: bool, stream: TextIO | None = None) -> None:
    """Set up logging for this process; the command line does it, an embedding host keeps its own."""
    target = stream or sys.stderr
    prepare: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        hide_credentials,
    ]
    render = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=target.isatty())
    structlog.configure(
        processors=[*prepare, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(target),
    )
    # Libraries use the standard library's loggers, and Flask tells of bugs there; they get the same lines.
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=prepare, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would tell every start that there is nothing to do


def log_to_stderr() -> None:
    """Keep what a command logs apart from what it prints; the library's own default is stdout."""
    # Looked up at each line, because whoever calls a command from Python may put another stream there meanwhile.
    structlog.configure(logger_factory=lambda *_arguments: structlog.PrintLogger(sys.stderr))


def logger() -> structlog.stdlib.BoundLogger:
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger("liftgate"))


def _add_request_id(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if has_request_context() and REQUEST_ID in request.environ:
        entry.setdefault("request_id", request.environ[REQUEST_ID])
    return entry


def hide_credentials(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in entry.items():
        if name.lower() in _SECRET_NAMES:
            entry[name] = "[hidden]"
        elif isinstance(value, str):
            entry[name] = _CREDENTIAL.sub("[hidden]", value)
    return entry
