"""The built-in copy: complete in every language, plain text, and filled without being read again."""

from __future__ import annotations

import re

import pytest

from liftgate.engine.text_template import VARIABLES, Plural, Text, fill, select, variables_of
from liftgate.engine.texts import TEXTS, say

EVERY_TEXT = [(language, key) for language, texts in TEXTS.items() for key in texts]


def forms(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def told(text: Text) -> set[str]:
    """What a text tells: a number with and without its unit is the same fact."""
    return {name.removesuffix("_counted") for name in variables_of(text)}


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_every_language_has_every_key(language):
    assert TEXTS[language].keys() == TEXTS["en"].keys()


@pytest.mark.parametrize("key", sorted(TEXTS["en"]))
def test_a_text_tells_the_same_in_every_language(key):
    assert {frozenset(told(texts[key])) for texts in TEXTS.values()} == {frozenset(told(TEXTS["en"][key]))}


@pytest.mark.parametrize(("language", "key"), EVERY_TEXT)
def test_a_text_is_plain_and_trimmed_and_names_only_known_variables(language, key):
    for form in forms(TEXTS[language][key]):
        assert form == form.strip() != ""
        assert not re.search(r"[<>&]|  |\.\.\.", form)
        assert variables_of(form) <= VARIABLES


@pytest.mark.parametrize(("language", "key"), EVERY_TEXT)
def test_a_filled_text_keeps_no_placeholder(language, key):
    filled = say(language, key, 2, **dict.fromkeys(VARIABLES, "x"))

    assert "{" not in filled
    assert "}" not in filled


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_german_is_not_english(language):
    same = [key for key, text in TEXTS[language].items() if language != "en" and text == TEXTS["en"][key]]

    assert all(re.fullmatch(r"[^A-Za-z]*", re.sub(r"\{\w+\}", "", str(TEXTS[language][key]))) for key in same)


def test_a_value_with_braces_is_inserted_and_not_read():
    assert fill("{plan} and {thing}", {"plan": "{thing}", "thing": "{0.__class__}"}) == "{thing} and {0.__class__}"


def test_a_missing_value_is_an_error_and_not_a_hole():
    with pytest.raises(KeyError):
        fill("{plan}", {})


@pytest.mark.parametrize("template", ["{planet}", "{plan", "{}", "{plan.name}", "{plan!r}"])
def test_a_template_with_an_unknown_placeholder_is_refused(template):
    with pytest.raises(ValueError, match="not a variable"):
        fill(template, {"plan": "Pro"})


@pytest.mark.parametrize(("count", "form"), [(0, "many"), (1, "one"), (2, "many"), (11, "many")])
def test_one_has_its_own_form(count, form):
    assert select(Plural(one="one", other="many"), count) == form
