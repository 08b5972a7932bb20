"""Handing out what is known of an account, and forgetting an account or a person in it."""

from __future__ import annotations

from flask import Response, request, stream_with_context
from werkzeug import Response as BaseResponse

from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.downloads import attachment
from liftgate_server.admin.framing import Problem, Role, go_to, problem_text, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.privacy import service
from liftgate_server.privacy.facts import Erasure, ErasureState


@area.page("/customers/<customer>/export", least=Role.EDITOR)
def export_account(customer: str) -> Response:
    lines = service.export(visitor().environment.id, customer)
    return attachment(Response(stream_with_context(lines), content_type="application/x-ndjson"), f"{customer}.jsonl")


@area.action("/customers/<customer>/erase", least=Role.OWNER)
def erase_account(customer: str) -> BaseResponse:
    try:
        erasure = service.erase_customer(visitor().environment.id, customer, confirm=_confirmed())
    except Problem as problem:
        toast(problem_text(problem.code, problem.detail), "error")
        return go_to("customers.account", customer=customer)
    _tell(erasure)
    return go_to("customers.customers")


@area.action("/customers/<customer>/users/<user>/erase", least=Role.OWNER)
def erase_person(customer: str, user: str) -> BaseResponse:
    try:
        _tell(service.erase_user(visitor().environment.id, customer, user, confirm=_confirmed()))
    except Problem as problem:
        toast(problem_text(problem.code, problem.detail), "error")
    return go_to("customers.people", customer=customer)


def _confirmed() -> str:
    return request.form.get("confirm", "").strip()


def _tell(erasure: Erasure) -> None:
    if erasure.state is ErasureState.DONE:
        toast(_("Forgotten. What was counted and paid stays under {pseudonym}.", pseudonym=erasure.pseudonym))
    else:
        toast(_("Forgotten. The rest of the rows follows; they stay under {pseudonym}.", pseudonym=erasure.pseudonym))
