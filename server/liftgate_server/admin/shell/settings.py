"""The environment one is in, and new ones."""

from __future__ import annotations

from typing import Any

import orjson
from flask import make_response, request
from werkzeug import Response

from liftgate_server.access.queries import Environment
from liftgate_server.access.rules import environment_key_of
from liftgate_server.access.service import (
    EnvironmentChanges,
    NewEnvironment,
    create_environment,
    update_environment,
)
from liftgate_server.admin.framing import Form, Problem, Role, form_of, go_to, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.shell.area import area
from liftgate_server.plumbing.errors import Conflict, FieldError


@area.page("/settings", least=Role.OWNER)
def settings() -> str:
    return _page(form_of(_values(visitor().environment)))


@area.action("/settings", least=Role.OWNER)
def save_settings() -> Response:
    here = visitor().environment
    try:
        update_environment(here.id, _changes(here))
    except Problem as problem:
        return make_response(_page(_by_line(form_of(_values(here), problem=problem))), problem.status)
    toast(_("The settings are saved."))
    return go_to("shell.settings")


@area.page("/environments/new", least=Role.OWNER, everywhere=True)
def new_environment() -> str:
    return render("shell/new_environment.html", form=form_of({"name": "", "key": ""}))


@area.action("/environments/new", least=Role.OWNER, everywhere=True)
def add_environment() -> Response:
    name = request.form.get("name", "").strip()
    key = request.form.get("key", "").strip() or environment_key_of(name)
    try:
        made = create_environment(NewEnvironment(key, name))
    except Problem as problem:
        form = form_of({"name": "", "key": ""}, problem=problem)
        return make_response(render("shell/new_environment.html", form=form), problem.status)
    toast(_("The environment “{name}” is made. It is empty.", name=made.name))
    return go_to("shell.overview", environment=made.key)


def _page(form: Form) -> str:
    base = orjson.dumps(_values(visitor().environment)).decode()
    return render("shell/settings.html", form=form, base=base)


def _changes(here: Environment) -> EnvironmentChanges:
    """Give what was changed in the form; what it left alone stays as somebody else may have made it meanwhile."""
    now = _values(here)
    base = _base() or now
    sent: dict[str, object] = {
        "name": request.form.get("name", "").strip(),
        "allowed_origins": "\n".join(_origins()),
        "self_confirm": "self_confirm" in request.form,
        "default_language": request.form.get("default_language", "").strip(),
    }
    changed = [name for name in sent if sent[name] != base.get(name)]
    # Sent again from the page that tells of it, it was meant.
    disputed = [name for name in changed if now[name] not in (base.get(name), sent[name])]
    if disputed:
        sentence = "Somebody else has changed this in the meantime. Save again to replace what they wrote."
        errors = [FieldError(name, "changed", sentence) for name in disputed]
        raise Conflict("stale_settings", sentence, errors=errors)
    values: dict[str, Any] = {name: sent[name] for name in changed}
    if "allowed_origins" in values:
        values["allowed_origins"] = _origins()
    return EnvironmentChanges(**values)


def _base() -> dict[str, object] | None:
    """Read what the form was filled with."""
    try:
        base = orjson.loads(request.form.get("base", ""))
    except orjson.JSONDecodeError:
        return None
    return base if isinstance(base, dict) else None


def _values(environment: Environment) -> dict[str, object]:
    return {
        "name": environment.name,
        "allowed_origins": "\n".join(environment.allowed_origins),
        "self_confirm": environment.self_confirm,
        "default_language": environment.default_language,
    }


def _origins() -> tuple[str, ...]:
    return tuple(line.strip() for line in request.form.get("allowed_origins", "").splitlines() if line.strip())


def _by_line(form: Form) -> Form:
    """Put what was refused about single origins at the field that holds them all, each named by its line."""
    lines = _origins()
    wrong = [
        f"{lines[number]}: {message}"
        for path, message in form.errors.items()
        if path.startswith("allowed_origins[") and (number := int(path[16:-1])) < len(lines)
    ]
    return Form(
        form.values, {**form.errors, "allowed_origins": " ".join(wrong)} if wrong else form.errors, form.message
    )
