"""From a template to a page, or to the piece of it that htmx asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, flash, get_flashed_messages, request
from jinja2 import Template

from liftgate_server.admin.navigation import navigation
from liftgate_server.admin.visiting import visitor_or_none
from liftgate_server.admin.words import german_words, reader_language, translate
from liftgate_server.plumbing.errors import Problem

_TARGET = re.compile(r"[a-z0-9]+#([A-Za-z][\w-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: values, and after a refusal the words at its fields and above it."""

    values: Mapping[str, Any]
    errors: Mapping[str, str]
    message: str | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name, "")

    def error(self, name: str) -> str | None:
        return self.errors.get(name)


def render(template: str, **values: Any) -> str:
    """Render a page; for htmx, only the block that is named like the target's id (with `_` for `-`)."""
    environment = current_app.jinja_env
    found = environment.get_or_select_template(template)
    values["ui"] = environment.get_template("shell/components.html").module
    values["visitor"] = visitor_or_none()
    values["language"] = reader_language()
    block = _wanted_block(found)
    if block is not None:
        context = found.new_context(_with_context(values))
        piece = "".join(found.blocks[block](context))
        return piece + environment.get_template("shell/late_toasts.html").render(toasts=_toasts())
    values["navigation"] = navigation
    values["toasts"] = _toasts()
    return found.render(_with_context(values))


def toast(message: str, kind: str = "success") -> None:
    """Show a sentence with the next page or piece, also after a redirect; `kind`: success, error, info."""
    flash(message, kind)


def form_of(values: Mapping[str, Any] | None = None, *, problem: Problem | None = None) -> Form:
    """Describe a form: with its values at first, or as it was sent with what was refused about it."""
    if problem is None:
        return Form(values or {}, {})
    sent = {name: request.form.getlist(name) for name in request.form}
    filled = dict(values or {}) | {name: texts[0] if len(texts) == 1 else texts for name, texts in sent.items()}
    # An unchecked box is not sent at all, and must not fall back to what it was before.
    filled |= {name: False for name, value in (values or {}).items() if isinstance(value, bool) and name not in sent}
    errors = {error.path: problem_text(f"{problem.code}.{error.code}", error.message) for error in problem.errors}
    return Form(filled, errors, problem_text(problem.code, problem.detail))


def problem_text(code: str, english: str) -> str:
    """Say a refusal in the reader's language: by its code where its sentence names values, else by the sentence."""
    if reader_language() == "de":
        by_code = german_words().get(f"problem:{code}")
        if by_code is not None:
            return by_code
    return translate(english)


def _with_context(values: dict[str, Any]) -> dict[str, Any]:
    current_app.update_template_context(values)
    return values


def _wanted_block(template: Template) -> str | None:
    if request.headers.get("HX-Request-Type") != "partial":
        return None
    target = _TARGET.fullmatch(request.headers.get("HX-Target", ""))
    name = "" if target is None else target[1].replace("-", "_")
    return name if name in template.blocks else None


def _toasts() -> list[tuple[str, str]]:
    return cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
