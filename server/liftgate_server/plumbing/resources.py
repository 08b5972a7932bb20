"""Files that ship beside the code, found alike in a wheel and in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_SHIPPED = _PACKAGE / "_shipped"
_CHECKOUT = _PACKAGE.parent.parent

# The first is the one that pages name; it loads the others when they are first used.
WIDGET_FILES = ("liftgate.js", "liftgate-checkout.js")


class MissingResource(Exception):
    """The installation lacks a file it should have."""


def migrations_directory() -> Path:
    return _find("migrations", "migrations")


def widget_file(name: str = "liftgate.js") -> Path:
    return _find(f"widget/{name}", f"widget/dist/{name}")


def payload_schema_file() -> Path:
    return Path(str(files("liftgate").joinpath("schemas/payload-1.schema.json")))


def _find(shipped: str, in_checkout: str) -> Path:
    for candidate in (_SHIPPED / shipped, _CHECKOUT / in_checkout):
        if candidate.exists():
            return candidate
    raise MissingResource(f"{shipped} is missing: reinstall liftgate, or build it in the checkout")
