from __future__ import annotations

import pytest

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.catalog.difference import describe_changes, unified_difference


def changes(document, path, value):
    before = read_catalogue(document)
    *parents, last = path
    place = document
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return list(describe_changes(before, read_catalogue(document)))


ENTITLEMENTS = ("plans", "pro", "entitlements")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ((*ENTITLEMENTS, "exports"), "unlimited", "Plan pro: exports 100 per month → unlimited"),
        ((*ENTITLEMENTS, "exports"), None, "Plan pro: exports 100 per month → not included"),
        ((*ENTITLEMENTS, "sso"), True, "Plan pro: sso not included → on"),
        ((*ENTITLEMENTS, "boards"), 30, "Plan pro: boards 25 → 30"),
        (
            (*ENTITLEMENTS, "exports"),
            [{"limit": 10, "per": "day", "scope": "user"}, {"limit": 90, "per": "month", "anchor": "billing"}],
            "Plan pro: exports 100 per month → 10 per day for each user and 90 per month, counted from the billing day",
        ),
        (
            (*ENTITLEMENTS, "exports"),
            {
                "limit": 100,
                "per": "month",
                "enforcement": "soft",
                "overage": 5,
                "warn_at": [80],
                "display_limit": 90,
                "time_zone": "Europe/Berlin",
            },
            (
                "Plan pro: exports 100 per month → 100 per month, in Europe/Berlin, soft up to 5 over, "
                "warning at 80%, shown as 90"
            ),
        ),
        (("features", "exports", "on_upgrade"), "reset", "Feature exports: on upgrade keep → reset"),
        (
            ("features", "boards", "over_limit"),
            {"grace": 14},
            "Feature boards: over the limit block_new → 14 days of grace",
        ),
        (("features", "boards", "over_limit"), "read_only", "Feature boards: over the limit block_new → read_only"),
        (
            ("features", "exports", "on_failure"),
            "allow_and_record",
            "Feature exports: without the server deny → allow_and_record",
        ),
        (("value_metrics",), {"minutes_saved": {"name": {"en": "Minutes"}}}, "Value metric minutes_saved: added"),
        (("gates", "boards.open"), {"requires": {"feature": "boards", "units": 0}}, "Gate boards.open: added"),
        (("plans", "pro", "rank"), 20, "Plan pro: rank 10 → 20"),
        (("plans", "pro", "name", "en"), "Plus", "Plan pro: name (en) “Pro” → “Plus”"),
        (("plans", "pro", "prices", 0, "amount"), 3950, "Plan pro: month EUR price 29.00 EUR → 39.50 EUR"),
        (("plans", "pro", "prices", 0, "per"), "seat", "Plan pro: month EUR price 29.00 EUR → 29.00 EUR per seat"),
        (("plans", "pro", "prices"), None, "Plan pro: month EUR price 29.00 EUR → none"),
        (("plans", "pro"), None, "Plan pro: removed"),
        (("addons", "more_boards", "max_quantity"), 5, "Add-on more_boards: highest quantity 1 → 5"),
        (("addons", "more_boards", "plans"), ["pro"], "Add-on more_boards: sold with every plan → pro"),
        (("gates", "reports.export", "mode"), "observe", "Gate reports.export: mode enforce → observe"),
        (
            ("gates", "reports.export", "requires"),
            {"any": ["sso", {"feature": "boards", "units": 2}]},
            "Gate reports.export: requires exports → any of sso, 2 × boards",
        ),
        (("features", "sso", "description"), {"en": "Yes"}, "Feature sso: description (en) none → “Yes”"),
        (("features", "sso", "kind"), "metered", "Feature sso: kind switch → metered"),
        (("time_zone",), "Europe/Berlin", "Time zone: UTC → Europe/Berlin"),
        (("default_plan",), None, "Default plan: free → none"),
    ],
)
def test_a_change_is_one_plain_sentence(document, path, value, words):
    assert changes(document, path, value) == [words]


def test_a_currency_without_minor_units_is_written_without_decimals(document):
    document["plans"]["pro"]["prices"][0]["currency"] = "JPY"
    assert changes(document, ("plans", "pro", "prices", 0, "amount"), 3000) == [
        "Plan pro: month JPY price 2900 JPY → 3000 JPY"
    ]


def test_another_order_of_features_is_a_change(document):
    before = read_catalogue(document)
    document["features"] = dict(reversed(document["features"].items()))
    assert describe_changes(before, read_catalogue(document)) == ("Features: listed in another order",)


def test_another_order_of_entitlements_is_none(document):
    before = read_catalogue(document)
    entitlements = document["plans"]["pro"]["entitlements"]
    document["plans"]["pro"]["entitlements"] = dict(reversed(entitlements.items()))
    assert describe_changes(before, read_catalogue(document)) == ()


def test_the_first_catalogue_adds_everything(document):
    words = describe_changes(None, read_catalogue(document))
    assert {"Plan pro: added", "Feature sso: added", "Gate reports.export: added", "Add-on more_boards: added"} <= set(
        words
    )


def test_equal_texts_have_no_unified_difference():
    assert unified_difference("a\nb\n", "a\nb\n", names=("old", "new")) == ""
    assert "-b\n+c\n" in unified_difference("a\nb\n", "a\nc\n", names=("old", "new"))
