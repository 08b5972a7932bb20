"""Every text of the pages has its German: found in the templates and the code of all areas, wherever they mark one."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from liftgate_server.admin import german
from liftgate_server.admin.words import german_words, ngettext, speak, translate

ADMIN = Path(german.__file__).resolve().parents[1]
MARKS = {"_", "translate"}
PLURAL = "ngettext"
NAME = re.compile(r"\{(\w+)\}")


def texts_of_templates() -> Iterator[tuple[str, str]]:
    environment = Environment(autoescape=True)
    for file in sorted((ADMIN / "templates").rglob("*.html")):
        for call in environment.parse(file.read_text(encoding="utf-8")).find_all(nodes.Call):
            name = getattr(call.node, "name", None)
            wanted = call.args[:1] if name in MARKS else call.args[:2] if name == PLURAL else []
            for each in wanted:
                yield from ((text, file.name) for text in _constants(each))


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for constant in node.find_all(nodes.Const):
        if isinstance(constant.value, str):
            yield constant.value


def texts_of_code() -> Iterator[tuple[str, str]]:
    for file in sorted(ADMIN.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                wanted = call.args[:1] if call.func.id in MARKS else call.args[:2] if call.func.id == PLURAL else []
                for each in wanted:
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield each.value, file.name


def all_texts() -> dict[str, str]:
    return dict([*texts_of_templates(), *texts_of_code()])


def without_german(texts: dict[str, str]) -> dict[str, str]:
    return {text: where for text, where in texts.items() if text not in german_words()}


def test_every_text_has_its_german():
    texts = all_texts()

    assert len(texts) > 100
    assert without_german(texts) == {}


def test_a_text_without_german_would_be_noticed():
    assert without_german({"Sign in": "a", "Nobody translated this": "b"}) == {"Nobody translated this": "b"}


def test_the_german_names_the_same_values():
    wrong = {text: words for text, words in german_words().items() if not _same_values(text, words)}

    assert wrong == {}


def _same_values(text, words):
    # What stands under a code has no English here.
    return text.startswith("problem:") or set(NAME.findall(text)) == set(NAME.findall(words))


def test_no_two_areas_say_the_same_thing_differently():
    said: dict[str, set[str]] = {}
    for module in pkgutil.iter_modules(german.__path__):
        for text, words in import_module(f"{german.__name__}.{module.name}").WORDS.items():
            said.setdefault(text, set()).add(words)

    assert {text: words for text, words in said.items() if len(words) > 1} == {}


@pytest.mark.parametrize(("language", "said"), [("en", "Sign in"), ("de", "Anmelden"), ("fr", "Sign in")])
def test_a_text_is_said_in_the_readers_language(app, language, said):
    with app.test_request_context("/admin/", headers={"Accept-Language": language}):
        assert translate("Sign in") == said


def test_the_persons_own_choice_stands_before_the_browsers(app):
    with app.test_request_context("/admin/", headers={"Accept-Language": "en"}):
        speak("de")

        assert ngettext("{count} line changed", "{count} lines changed", 2) == "2 Zeilen geändert"
