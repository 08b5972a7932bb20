"""Features, units and limits in words, and the languages they are said in."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue_model import Cap, Feature, FeatureKind, Recurrence, Scope, UnitForms
from liftgate.engine.reader import localise, reader_for
from liftgate.engine.wording import wording_of

ENGLISH = reader_for(("en",), ("en", "de"))
GERMAN = reader_for(("de",), ("en", "de"))
A_MONTH = Recurrence.MONTH


def feature(name: str, unit: UnitForms | None = None, kind: FeatureKind = FeatureKind.METERED) -> Feature:
    return Feature("thing", kind, {"en": name, "de": name}, unit=None if unit is None else {"en": unit, "de": unit})


BOARDS = feature("Boards", UnitForms("board", "boards"), FeatureKind.CAPACITY)
STORAGE = feature("Storage", UnitForms("GB", "GB"), FeatureKind.CAPACITY)
EXPORTS = feature("Exports")


@pytest.mark.parametrize(
    ("thing", "caps", "line"),
    [
        (BOARDS, (Cap(1),), "1 board"),
        (BOARDS, (Cap(2500),), "2,500 boards"),
        (BOARDS, (Cap(None),), "Unlimited boards"),
        (BOARDS, (Cap(5, scope=Scope.USER),), "5 boards per user"),
        (STORAGE, (Cap(50),), "Storage: 50 GB"),
        (STORAGE, (Cap(None),), "Unlimited storage"),
        (EXPORTS, (Cap(500, A_MONTH),), "Exports: 500 per month"),
        (EXPORTS, (Cap(None, A_MONTH),), "Unlimited exports"),
        (EXPORTS, (Cap(7, Recurrence.NEVER),), "Exports: 7 in total"),
        (EXPORTS, (Cap(9, A_MONTH, display_limit=8),), "Exports: 8 per month"),
        (EXPORTS, (Cap(3, Recurrence.DAY, scope=Scope.USER), Cap(None, A_MONTH)), "Exports: 3 per user per day"),
        (
            EXPORTS,
            (Cap(1, Recurrence.MINUTE), Cap(3, Recurrence.DAY), Cap(5, A_MONTH)),
            "Exports: 1 per minute, 3 per day and 5 per month",
        ),
    ],
)
def test_caps_read_as_a_line(thing, caps, line):
    assert wording_of(thing, ENGLISH).bullet(caps) == line


@pytest.mark.parametrize("caps", [(), (Cap(0, A_MONTH),), (Cap(5, Recurrence.DAY), Cap(0, A_MONTH))])
def test_what_gives_nothing_is_no_line(caps):
    assert wording_of(EXPORTS, ENGLISH).bullet(caps) is None


def test_an_add_on_multiplies_and_says_plus():
    assert wording_of(BOARDS, GERMAN).bullet((Cap(5),), times=3, more=True) == "+15 boards"


@pytest.mark.parametrize(
    ("name", "unit", "one", "many"),
    [
        ("Boards", UnitForms("Board", "Boards"), "1 Board", "2 Boards"),
        ("KI-Texte", UnitForms("Text", "Texte"), "1 KI-Text", "2 KI-Texte"),
        ("Datenexporte", UnitForms("Export", "Exporte"), "1 Datenexport", "2 Datenexporte"),
        ("Speicher", UnitForms("GB", "GB"), "1 GB", "2 GB"),
    ],
)
def test_the_noun_comes_from_name_and_unit(name, unit, one, many):
    words = wording_of(feature(name, unit), GERMAN)

    assert (words.counted(1), words.counted(2)) == (one, many)


@pytest.mark.parametrize(
    ("name", "kind", "thing"),
    [
        ("Exports", FeatureKind.METERED, "exports"),
        ("API calls", FeatureKind.METERED, "API calls"),
        ("Slack messages", FeatureKind.METERED, "Slack messages"),
        ("Teams", FeatureKind.SWITCH, "Teams"),
        ("SMS", FeatureKind.METERED, "SMS"),
    ],
)
def test_only_an_ordinary_english_word_loses_its_capital(name, kind, thing):
    assert wording_of(feature(name, kind=kind), ENGLISH).thing == thing
    assert wording_of(feature(name, kind=kind), GERMAN).thing == name


@pytest.mark.parametrize(
    ("wanted", "catalogue", "language", "formats"),
    [
        (("de-AT", None), ("en", "de"), "de", "de-AT"),
        (("fr", "de"), ("en", "de"), "de", "de"),
        (("fr", None), ("en", "de", "fr"), "en", "en"),
        (("en-GB", None), ("de", "en"), "en", "en-GB"),
        ((None, None), ("fr",), "en", "en"),
        ((None, None), ("fr", "de"), "de", "de"),
    ],
)
def test_a_reader_gets_one_language_that_catalogue_and_copy_share(wanted, catalogue, language, formats):
    reader = reader_for(wanted, catalogue)

    assert (reader.language, reader.formats) == (language, formats)


@pytest.mark.parametrize(
    ("text", "language", "localised"),
    [
        ({"en": "Boards", "de": "Tafeln"}, "de", "Tafeln"),
        ({"en": "Boards", "de": "Tafeln"}, "de-CH", "Tafeln"),
        ({"en": "Boards", "de": "Tafeln"}, "fr", "Boards"),
        ({"de": "Tafeln"}, "fr", "Tafeln"),
        ({}, "en", ""),
    ],
)
def test_a_catalogue_text_falls_back_to_the_first_language(text, language, localised):
    assert localise(text, language, ("en", "de")) == localised
