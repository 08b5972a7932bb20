"""Whatever this room says in English it says in German too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import liftgate_server
from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import (
    FailPolicy,
    FeatureKind,
    GateMode,
    MeterFailPolicy,
    OnUpgrade,
    OverLimitPolicy,
    Recurrence,
)
from liftgate_server.catalog.difference import describe_changes
from liftgate_server.catalog.phrases import GERMAN, say

POLICIES = [*OnUpgrade, *MeterFailPolicy, OverLimitPolicy.BLOCK_NEW, OverLimitPolicy.READ_ONLY]
WORDS = [*FeatureKind, *GateMode, *FailPolicy, *POLICIES, Recurrence.MONTH, Recurrence.YEAR]
PLACE = re.compile(r"{(\w+)}")
PACKAGE = Path(liftgate_server.__file__).parent


def said(path: Path) -> set[str]:
    """The phrases that a module asks for by name."""
    return {
        argument.value
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "say"
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


@pytest.mark.parametrize("module", ["catalog/difference.py", "catalog/words.py", "publishing/accounts.py"])
def test_every_phrase_has_german_words(module):
    phrases = said(PACKAGE / module)

    assert phrases
    assert phrases <= GERMAN.keys()


@pytest.mark.parametrize("word", WORDS)
def test_every_fixed_word_of_the_catalogue_has_a_german_one(word):
    assert word in GERMAN


@pytest.mark.parametrize("recurrence", [one for one in Recurrence if one is not Recurrence.NEVER])
def test_every_period_has_german_words(recurrence):
    assert say(f"{{amount}} per {recurrence}", "de", amount=3).startswith("3 pro ")


@pytest.mark.parametrize(("english", "german"), GERMAN.items())
def test_both_languages_have_the_same_places_for_values(english, german):
    assert PLACE.findall(english) == sorted(PLACE.findall(german), key=PLACE.findall(english).index)


def test_changes_are_told_in_german(document):
    before = read_catalogue(document)
    document["plans"]["pro"] |= {"trial": {"days": 14}, "archived": True, "rank": 20}
    document["plans"]["pro"]["prices"][0]["amount"] = 3950
    document["gates"]["reports.export"]["mode"] = "observe"
    document["texts"] = {"limit_reached": {"title": {"en": "More room"}}}

    assert describe_changes(before, read_catalogue(document), "de") == (
        "Tarif pro: archiviert",
        "Tarif pro: Rang 10 → 20",
        "Tarif pro: Preis in EUR pro Monat 29,00 EUR → 39,50 EUR",
        "Tarif pro: Testphase nichts → 14 Tage",
        "Gate reports.export: Modus durchsetzen → beobachten",
        "Angebot limit_reached: title (en) die mitgelieferten Worte → „More room“",
    )
