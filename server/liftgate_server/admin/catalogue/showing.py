"""What every page of the catalogue is given: the draft, who reads, and what is wrong with the form's fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug import Response

from liftgate.engine.reader import Reader
from liftgate_server.admin.catalogue.saving import Outcome
from liftgate_server.admin.catalogue.workbench import Workbench, look
from liftgate_server.admin.framing import Role, link, reader_language, render, visitor
from liftgate_server.admin.wording import name_of, price_words, reader_for_pages

__all__ = ["FormErrors", "Shown", "bench_of_visitor", "page_reader", "show"]

Shown = tuple[str, int] | Response
"""What a view answers: a page with its status, or a way on."""

REFUSED = 422


class FormErrors:
    """The words at the fields of a form. Which fields were shown is remembered, so that no words stay unsaid."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self._errors = errors
        self._shown: set[str] = set()

    def at(self, field: str) -> str | None:
        """Return what is wrong with a field, if anything is."""
        self._shown.add(field)
        return self._errors.get(field)

    def rest(self) -> list[str]:
        """Return what no field has shown; asked at the end of a form."""
        return [words for field, words in self._errors.items() if field not in self._shown]

    def __bool__(self) -> bool:
        return bool(self._errors)


def bench_of_visitor() -> Workbench:
    """Return the draft of the environment that the page is about."""
    return look(visitor().environment.id)


def page_reader(bench: Workbench) -> Reader:
    """Return who reads the page."""
    return reader_for_pages(reader_language(), bench.languages)


def show(template: str, bench: Workbench, *, outcome: Outcome | None = None, **values: Any) -> tuple[str, int]:
    """Return a page of the catalogue; with an outcome, the page that shows a refused form again."""
    reader = page_reader(bench)
    text = render(
        f"catalogue/{template}",
        bench=bench,
        base=str(bench.base),
        reader=reader,
        name_of=lambda part: name_of(part.name, part.key, reader),
        price_of=lambda price: price_words(price, reader),
        pairs=lambda values: [(value, value) for value in values],
        plan_options=lambda plans: [(plan.key, name_of(plan.name, plan.key, reader)) for plan in plans],
        may_edit=visitor().may(Role.EDITOR),
        errors=FormErrors(outcome.errors if outcome else {}),
        review_link=link("publishing.review"),
        **values,
    )
    return text, REFUSED if outcome and outcome.errors else 200
