"""What a refusal says: the title and the body for each reason, in English and German."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from liftgate.engine.catalogue_model import Cap, Entitlement, Recurrence
from liftgate.engine.customer_state import AddOnPhase, Grant, GrantKind
from liftgate.engine.payload_model import ActionKind, Trigger
from tests.engine.upsell import AT, customer, message

EARLIER = AT - timedelta(days=9)


def grant(kind: GrantKind, feature: str, **fields: Any) -> Grant:
    return Grant("grt_1", kind, created_at=EARLIER, starts_at=EARLIER, feature=feature, **fields)


@pytest.mark.parametrize(
    ("gate", "language", "eyebrow", "title", "body"),
    [
        (
            "sso",
            "en",
            "Not included",
            "Unlock Single sign-on with Business",
            "Your plan Free does not include Single sign-on. Business does.",
        ),
        (
            "sso",
            "de",
            "Nicht enthalten",
            "Single Sign-on mit Business freischalten",
            "Ihr Tarif Free umfasst Single Sign-on nicht. In Business ist das enthalten.",
        ),
        (
            "video.4k",
            "en",
            "Not included",
            "Resolution up to 4k with Business",
            "Resolution: you have 720p, and this needs at least 4k. Business includes 4k.",
        ),
        (
            "video.4k",
            "de",
            "Nicht enthalten",
            "Auflösung bis 4k mit Business",
            "Auflösung: Sie haben 720p, hierfür brauchen Sie mindestens 4k. Business umfasst 4k.",
        ),
        (
            "security",
            "en",
            "Not included",
            "Unlock Audit log with Pro",
            "Your plan Free does not include Single sign-on. Pro includes Audit log.",
        ),
    ],
)
def test_what_is_not_included_names_plan_feature_and_step(gate, language, eyebrow, title, body):
    content = message(gate, language=language).content

    assert (content.eyebrow, content.title, content.body) == (eyebrow, title, body)


@pytest.mark.parametrize(
    ("gate", "used", "language", "title", "body"),
    [
        (
            "board.new",
            3,
            "en",
            "More boards with Pro",
            (
                "Your plan Free includes 3 boards and you have 3. Your existing boards stay as they are. "
                "Pro raises the limit to 25."
            ),
        ),
        (
            "board.new",
            4,
            "de",
            "Mehr Boards mit Pro",
            (
                "Ihr Tarif Free umfasst 3 Boards, Sie haben 4. Ihre vorhandenen Boards bleiben, wie sie sind. "
                "Mit Pro steigt das Limit auf 25."
            ),
        ),
        (
            "board.new",
            1000,
            "en",
            "More boards with Business",
            (
                "Your plan Free includes 3 boards and you have 1,000. Your existing boards stay as they are. "
                "Business removes the limit."
            ),
        ),
        (
            "exports",
            5,
            "en",
            "More exports with Pro",
            "You have used 5 of 5 exports this month. Pro raises the limit to 500 per month.",
        ),
        (
            "exports",
            5,
            "de",
            "Mehr Exporte mit Pro",
            (
                "Sie haben diesen Monat 5 Exporte genutzt, Ihr Limit liegt bei 5. "
                "Mit Pro steigt das Limit auf 500 pro Monat."
            ),
        ),
        (
            "storage",
            1,
            "en",
            "More storage with Pro",
            "Storage: 1 of 1 GB in use. What you already have stays as it is. Pro raises the limit to 50 GB.",
        ),
        (
            "storage",
            1,
            "de",
            "Mehr Speicher mit Pro",
            (
                "Speicher: 1 GB belegt (Limit: 1 GB). Was Sie bereits haben, bleibt, wie es ist. "
                "Mit Pro steigt das Limit auf 50 GB."
            ),
        ),
        (
            "calls",
            {"day": 60},
            "en",
            "More API calls with Pro",
            "API calls: 60 of 60 used today. Pro includes 100 per minute and 7,000 per day.",
        ),
        (
            "calls",
            {"day": 60},
            "de",
            "Mehr API-Aufrufe mit Pro",
            "API-Aufrufe: heute 60 genutzt (Limit: 60). Pro umfasst 100 pro Minute und 7.000 pro Tag.",
        ),
    ],
)
def test_a_limit_that_is_reached_is_told_with_its_numbers(gate, used, language, title, body):
    payload = message(gate, language=language, used=used)

    assert payload.trigger is Trigger.LIMIT_REACHED
    assert (payload.content.title, payload.content.body) == (title, body)


def test_asking_for_more_than_is_left_is_not_called_reached():
    content = message("board.new", used=2, units=2).content

    assert content.eyebrow == "Not enough left"
    assert "you have 2. What is left is not enough for this." in content.body


def test_a_limit_of_nothing_is_not_called_reached():
    none = grant(GrantKind.OVERRIDE, "exports", entitlement=Entitlement("exports", caps=(Cap(0, Recurrence.MONTH),)))
    content = message("exports", customer(grants=(none,))).content

    assert (content.eyebrow, content.usage) == ("Not included", None)
    assert content.body.startswith("Your account does not include exports.")


def test_an_override_is_never_called_the_plans():
    four = grant(GrantKind.OVERRIDE, "boards", entitlement=Entitlement("boards", caps=(Cap(4),)))
    content = message("board.new", customer(grants=(four,)), used=4).content

    assert content.body.startswith("You have 4 of 4 boards.")
    assert content.body.endswith("There is no upgrade we can offer for this right now.")
    assert (content.title, content.options, content.bullets) == ("You have reached the limit for boards", (), ())


def test_what_add_ons_add_is_never_called_the_plans():
    state = customer("pro", addons=(AddOnPhase("more_exports", 1, 2, EARLIER),))
    content = message("exports", state, used=700).content

    assert content.body.startswith("You have used 700 of 700 exports. The add-on “Export pack” adds 100 exports")


def test_several_units_of_an_add_on_are_named_and_counted():
    payload = message("exports", customer("pro"), used=650)

    assert payload.content.title == "Add 2 × Export pack"
    assert payload.content.body.endswith("2 × “Export pack” add 200 exports per month.")
    assert payload.content.bullets == ("+200 exports per month",)
    assert [(option.addon, option.quantity, option.amount) for option in payload.content.options] == [
        ("more_exports", 2, 1800)
    ]
    assert payload.labels["success_title"] == "Added: 2 × Export pack"


def test_an_add_on_that_includes_the_feature_is_named():
    content = message("sso", customer("pro"), language="de").content

    assert content.title == "Anmeldung hinzubuchen"
    assert content.body == "Ihr Tarif Pro umfasst Single Sign-on nicht. Im Zusatzpaket „Anmeldung“ ist das enthalten."


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        (
            "en",
            "Access to Exports was turned off",
            "Reason: chargeback. If you think this is a mistake, please contact us.",
        ),
        (
            "de",
            "Der Zugriff auf Exporte wurde gesperrt",
            "Grund: chargeback. Wenn Sie das für einen Irrtum halten, wenden Sie sich bitte an uns.",
        ),
    ],
)
def test_a_revoke_is_explained_with_its_reason_and_sells_nothing(language, title, body):
    state = customer(grants=(grant(GrantKind.REVOKE, "exports", reason="chargeback"),))
    payload = message("exports", state, language=language)

    assert (payload.content.title, payload.content.body) == (title, body)
    assert (payload.content.options, [action.kind for action in payload.actions]) == ((), [ActionKind.DISMISS])


def test_a_revoke_without_a_reason_makes_none_up():
    state = customer(grants=(grant(GrantKind.REVOKE, "exports"),))

    assert message("exports", state).content.body == "If you think this is a mistake, please contact us."


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "Beta area: turned off for everyone at the moment. This does not depend on your plan."),
        ("de", "Beta-Bereich: zurzeit für alle abgeschaltet. Mit Ihrem Tarif hat das nichts zu tun."),
    ],
)
def test_a_closed_gate_is_explained_and_sells_nothing(language, body):
    payload = message("beta", language=language)

    assert payload.content.body == body
    assert (payload.content.options, [action.kind for action in payload.actions]) == ((), [ActionKind.DISMISS])
