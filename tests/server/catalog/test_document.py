from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.document_reader import DocumentProblem
from liftgate_server.catalog.document import LARGEST_TEXT_BYTES, SourceDocument, judge, read_source
from liftgate_server.catalog.yaml_writer import write_yaml

VALID = """\
schema: 1
languages: [en]
features:
  exports: {kind: metered, name: {en: Exports}}
plans:
  free:
    name: {en: Free}
    rank: 0
    entitlements:
      exports:
        - {limit: 5, per: day}
        - limit: 2.6e-42
          per: month
"""


def problems_of(text: str, *, is_json: bool = False) -> list[tuple[str, str, int | None]]:
    catalogue, problems = judge(read_source(text.encode(), is_json=is_json))
    assert catalogue is None
    return [(problem.path, problem.code.value, problem.line) for problem in problems]


def only_problem(text: str | bytes, *, is_json: bool = False) -> DocumentProblem:
    source = read_source(text.encode() if isinstance(text, str) else text, is_json=is_json)
    catalogue, problems = judge(source)
    assert catalogue is None
    (problem,) = problems
    return problem


def test_a_valid_text_becomes_a_catalogue():
    catalogue, problems = judge(read_source(VALID.replace("2.6e-42", "20").encode(), is_json=False))
    assert problems == ()
    assert catalogue is not None
    assert [cap.limit for cap in catalogue.plans["free"].entitlements["exports"].caps] == [5, 20]


def test_a_wrong_value_is_named_by_path_and_line():
    assert problems_of(VALID) == [("plans.free.entitlements.exports[1].limit", "wrong_type", 12)]


def test_all_problems_are_told_at_once_in_the_order_of_the_lines():
    text = VALID.replace("rank: 0", "rank: -1").replace("{en: Exports}", "{en: 7}").replace("schema: 1", "schema: 2")
    assert [line for _, _, line in problems_of(text)] == [1, 4, 8, 12]


@pytest.mark.parametrize("value", ["true", "3.0", "2.6e-42", "'3'", "-1", "9007199254740992", "~", "0x", ".inf"])
def test_only_whole_numbers_are_limits(value):
    (problem,) = problems_of(VALID.replace("2.6e-42", "20").replace("limit: 5", f"limit: {value}"))
    assert problem[0] == "plans.free.entitlements.exports[0].limit"
    assert problem[2] == 11


def test_what_is_missing_has_the_line_of_what_encloses_it():
    assert problems_of("schema: 1\nlanguages: [en]\nplans:\n  pro:\n    rank: 1\n") == [
        ("plans.pro.name", "missing", 4)
    ]


def test_a_key_given_twice_is_told_with_both_lines():
    text = "schema: 1\nlanguages: [en]\nplans:\n  a: {name: {en: A}, rank: 1}\n  a: {name: {en: B}, rank: 2}\n"
    problem = only_problem(text)
    assert (problem.path, problem.code, problem.line) == ("plans.a", "duplicate", 5)
    assert "line 4" in problem.message
    assert "line 5" in problem.message


def test_json_has_lines_and_finds_duplicates_too():
    text = '{\n"schema": 1,\n"languages": ["en"],\n"schema": 1,\n"plans": {"a": {"name": {"en": "A"},\n"rank": 1.5}}}'
    assert problems_of(text, is_json=True) == [("schema", "duplicate", 4), ("plans.a.rank", "wrong_type", 6)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\n", 1, "anchors"),
        ("a: 1\nb: *x\n", 2, "aliases"),
        ("a: 1\nb: !!python/object:os.system {}\n", 2, "tags"),
        ("a: [1, 2\nb: 3\n", 2, "not readable"),
        ("a: 1\n---\nb: 2\n", 2, "second yaml document"),
        ("a: 1\nb: x\x00y\n", 2, "control character"),
        ("a: 1\n? [1, 2]\n: 3\n", 2, "key must be plain"),
        ('a: 1\nb: "\\ud800"\n', 2, "surrogate"),
        ("a: 1\nb: " + "[" * 40 + "]" * 40 + "\n", 2, "nested"),
        ("\tx: 1\n", 1, "not readable"),
    ],
)
def test_what_yaml_can_do_beyond_a_catalogue_is_refused_with_its_line(text, line, words):
    problem = only_problem(text)
    assert (problem.path, problem.code, problem.line) == ("", "unreadable", line)
    assert words in problem.message.lower()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"a": 1,\n}', 2, "not readable"),
        ('{"a": NaN}', 1, "not readable"),
        ("[" * 100_000, 1, "nested"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", 1, "nested"),
        ('{"a":\n"\\ud800"}', 2, "surrogate"),
        ("", 1, "not readable"),
    ],
)
def test_unreadable_json_is_refused_with_its_line(text, line, words):
    problem = only_problem(text, is_json=True)
    assert (problem.code, problem.line) == ("unreadable", line)
    assert words in problem.message


def test_a_number_of_a_hundred_thousand_digits_costs_nothing_and_is_out_of_range():
    digits = "9" * 100_000
    assert problems_of(f"schema: {digits}\nlanguages: [en]\n")[0][0] == "schema"
    assert problems_of(f'{{"schema": {digits}, "languages": ["en"]}}', is_json=True)[0][0] == "schema"


def test_a_document_with_too_many_values_or_bytes_is_refused():
    assert "values" in only_problem("[" + "1," * 50_000 + "1]", is_json=True).message
    assert "bytes" in only_problem(b" " * (LARGEST_TEXT_BYTES + 1)).message


def test_what_is_not_utf_8_is_refused_with_its_line():
    assert only_problem(b"schema: 1\nname: \xff\n").line == 2


def test_a_document_from_values_has_no_lines():
    assert [problem.line for problem in judge(SourceDocument([]))[1]] == [None]


@pytest.mark.parametrize("word", ["no", "off", "Yes", "1_000", "2026-11-22", "12:30:00"])
def test_words_that_older_yaml_changes_stay_text(word):
    assert read_source(f"a: {word}".encode(), is_json=False).value == {"a": word}


texts = st.text(max_size=20)
values = st.recursive(
    texts | st.integers(-(2**53), 2**53) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=5))
def test_written_yaml_reads_back_as_the_same_document(document):
    source = read_source(write_yaml(document).encode(), is_json=False)
    assert source.problems == ()
    assert source.value == document


@given(st.dictionaries(texts, values, max_size=5))
def test_json_reads_as_the_same_document(document):
    assert read_source(json.dumps(document, indent=1).encode(), is_json=True).value == document


@given(st.text(max_size=200) | st.text(alphabet="{}[]:,-#&*!|>'\"%@` \n\tab01", max_size=60), st.booleans())
def test_any_text_is_read_or_refused_with_a_problem(text, is_json):
    source = read_source(text.encode(errors="surrogatepass"), is_json=is_json)
    assert source.is_readable or [problem.code for problem in source.problems] == ["unreadable"]


def test_the_layout_is_what_a_person_would_write(document):
    assert write_yaml(document).splitlines()[4:22] == [
        "  exports: {kind: metered, name: {en: Exports}}",
        "  boards: {kind: capacity, name: {en: Boards}}",
        "  sso: {kind: switch, name: {en: Single sign-on}}",
        "plans:",
        "  free:",
        "    name: {en: Free}",
        "    rank: 0",
        "    entitlements:",
        "      boards: 3",
        "  pro:",
        "    name: {en: Pro}",
        "    rank: 10",
        "    prices:",
        "      - {interval: month, currency: EUR, amount: 2900}",
        "    entitlements:",
        "      boards: 25",
        "      exports: {limit: 100, per: month}",
        "addons:",
    ]
