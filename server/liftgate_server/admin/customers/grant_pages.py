"""Making and ending overrides, promotions and revokes of an account."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from werkzeug import Response

from liftgate_server.admin.customers.account_view import account_head
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.grant_form import (
    GRANT_FIELDS,
    GRANT_KINDS,
    grant_defaults,
    grant_of_form,
    kind_of,
)
from liftgate_server.admin.customers.state_words import grant_kind_words
from liftgate_server.admin.framing import Form, Problem, Role, form_of, go_to, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import period_options
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.customers.grant_service import create_grant, end_grant

_LONGEST_NAME = 64


@area.page("/customers/<customer>/grants/new", least=Role.EDITOR)
def new_grant(customer: str) -> str:
    return _show(customer, request.args)


@area.action("/customers/<customer>/grants", least=Role.EDITOR)
def add_grant(customer: str) -> tuple[str, int] | Response:
    environment_id = visitor().environment.id
    try:
        command = grant_of_form(request.form, current_snapshot(environment_id).catalogue)
        create_grant(environment_id, customer, command, created_by=visitor().name[:_LONGEST_NAME])
    except Problem as problem:
        return _show(customer, request.form, problem), problem.status
    toast(_("{kind} added. It counts from now on.", kind=grant_kind_words(command.kind)))
    return go_to("customers.account", customer=customer)


@area.action("/customers/<customer>/grants/<grant>/end", least=Role.EDITOR)
def end_grant_now(customer: str, grant: str) -> Response:
    end_grant(visitor().environment.id, customer, grant)
    toast(_("It has ended."))
    return go_to("customers.account", customer=customer)


def _show(customer: str, fields: Mapping[str, str], problem: Problem | None = None) -> str:
    head = account_head(customer)
    values = grant_defaults(head.catalogue) | {name: fields[name] for name in GRANT_FIELDS if name in fields}
    form = Form(values, {}) if problem is None else form_of(values, problem=problem)
    features = head.catalogue.features
    feature = features.get(values["feature"]) or next(iter(features.values()), None)
    return render(
        "customers/grant.html",
        head=head,
        form=form,
        kind=kind_of(values["kind"]).value,
        kinds=[(kind.value, grant_kind_words(kind)) for kind in GRANT_KINDS],
        features=[(key, head.reader.name(feature.name)) for key, feature in features.items()],
        feature=feature,
        values=[] if feature is None else [(value, value) for value in feature.values],
        periods=period_options(),
        value_error=next(
            (words for path, words in form.errors.items() if path.startswith(("entitlement", "value"))), ""
        ),
    )
