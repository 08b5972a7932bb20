"""The size budget holds, and it notices when it does not."""

from __future__ import annotations

from tests.structure.size_budget import (
    MEDIAN_FUNCTION_LINES,
    MODULE_IMPORTS,
    MODULE_LINES,
    P95_FUNCTION_LINES,
    Module,
    breaches,
    breaches_of,
    distribution,
)

TOO_LONG = "value = 1\n" * (MODULE_LINES + 1)


def test_every_module_keeps_the_budget():
    assert breaches() == []


def test_functions_are_short_as_a_whole():
    median, p95 = distribution()

    assert median <= MEDIAN_FUNCTION_LINES
    assert p95 <= P95_FUNCTION_LINES


def test_a_long_module_is_a_breach():
    assert list(breaches_of(Module("a.py", TOO_LONG))) == ["a.py: 401 lines, the limit is 400"]


def test_a_long_module_with_a_reason_is_exempt():
    assert list(breaches_of(Module("a.py", "# size: generated from CLDR\n" + TOO_LONG))) == []


def test_an_exemption_without_a_reason_counts_for_nothing():
    assert list(breaches_of(Module("a.py", "# size:\n" + TOO_LONG)))


def test_many_imports_are_a_breach_outside_the_composition_root():
    text = "import os\n" * (MODULE_IMPORTS + 1)

    assert len(list(breaches_of(Module("server/liftgate_server/catalog/service.py", text)))) == 1
    assert list(breaches_of(Module("server/liftgate_server/app.py", text))) == []


def test_silencing_a_size_rule_takes_a_reason():
    silent = "def f():  # " + "noqa: PLR0913\n    pass\n"
    reasoned = "def f():  # " + "noqa: PLR0913 - mirrors the HTTP call\n    pass\n"

    assert list(breaches_of(Module("a.py", silent)))
    assert list(breaches_of(Module("a.py", reasoned))) == []


def test_a_docstring_does_not_lengthen_a_function():
    module = Module("a.py", 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n')

    assert list(module.function_lengths()) == [2]
