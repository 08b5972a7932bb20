"""p17: "You use 78% of your seats. If you need more, we recommend Pro." From live numbers, in the reader's language."""

from __future__ import annotations

from typing import Any

import liftgate
from tests.scenarios.conftest import Stack

SEATS = 7


def test_the_sdk_says_how_much_is_used_and_what_gives_more(lg: liftgate.Client) -> None:
    with lg.customer("harbour", user="owner"):
        lg.set_level("seats", SEATS)
        share = lg.share("seats")

    assert share is not None
    assert (share.used, share.limit, share.percent) == (SEATS, 10, 70)
    assert share.sentence == "You use 70% of your seats. If you need more, we recommend the add-on “5 more seats”."


def test_it_is_said_in_german_too(lg: liftgate.Client) -> None:
    with lg.customer("kranich", user="owner", locale="de"):
        lg.set_level("seats", 1)
        share = lg.share("seats")

    assert share is not None
    assert share.sentence == "Ihre Plätze sind zu 50\u00a0% genutzt. Wenn Sie mehr brauchen, empfehlen wir Pro."


def test_the_numbers_are_those_of_the_last_moment(lg: liftgate.Client) -> None:
    with lg.customer("harbour", user="owner"):
        before = lg.share("exports")
        lg.consume("exports")
        after = lg.share("exports")

    assert before is not None
    assert after is not None
    assert (before.percent, after.percent) == (99, 100)
    assert after.sentence.startswith("You have used 100% of your PDF exports this month.")


def test_the_server_says_the_same_in_the_language_asked_for(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer("harbour", user="owner"):
        lg.set_level("seats", SEATS)

    assert sentence(stack, "en") == (
        "You use 70% of your seats. If you need more, we recommend the add-on “5 more seats”."
    )
    assert sentence(stack, "de") == (
        "Ihre Plätze sind zu 70\u00a0% genutzt. "
        "Wenn Sie mehr brauchen, empfehlen wir das Zusatzpaket „5 weitere Plätze“."
    )


def test_nothing_is_said_of_what_has_no_limit(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer("redwood", user="owner"):
        assert lg.share("boards") is None

    (boards,) = [it for it in stack.usage_of("redwood") if it["feature"] == "boards"]
    assert (boards["percent"], boards["sentence"]) == (None, None)


def sentence(stack: Stack, language: str) -> Any:
    return next(it["sentence"] for it in stack.usage_of("harbour", language=language) if it["feature"] == "seats")
