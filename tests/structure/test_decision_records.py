"""The decision records and their index agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Consequences"]


def test_the_index_lists_every_record_and_nothing_else():
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)

    assert listed == [(record.name[:4], record.name) for record in RECORDS]


def test_records_are_numbered_without_gaps():
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_the_form_of_the_template(record: Path):
    text = record.read_text()

    assert text.startswith(f"# {record.name[:4]}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.search(r"^Status: (proposed|accepted|replaced by \d{4}) · Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
