"""A journal reads back what was written, whatever happened to its file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from liftgate import journal
from liftgate.journal import Journal
from liftgate.spool import Spool


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def made(folder) -> Journal:
    return Spool(str(folder), url="http://liftgate.test", environment="test").create()


def again(made: Journal) -> Journal:
    """Open the file of a process that has just been killed."""
    os.close(made._descriptor)
    folder = str(made.path.parent)
    (found,) = Spool(folder, url="http://liftgate.test", environment="test").orphans()
    return found


def test_a_journal_remembers_how_far_it_was_delivered(made):
    made.append([b"record 1", b"record 2", b"record 3"])
    assert made.peek(2) == [b"record 1", b"record 2"]
    made.drop(2)
    made.append([b"record 4"])

    assert again(made).peek(10) == [b"record 3", b"record 4"]


@pytest.mark.parametrize("cut", range(1, 18))
def test_a_line_that_was_cut_off_costs_itself_alone(made, cut):
    made.append([b"record 1", b"record 2"])
    os.truncate(made.path, made.path.stat().st_size - cut)

    assert again(made).peek(10) == [b"record 1"]


def test_changed_lines_are_passed_over(made):
    made.append([b"record 1", b"record 2", b"record 3"])
    made.path.write_bytes(made.path.read_bytes().replace(b"record 2", b"record 9"))

    assert again(made).peek(10) == [b"record 1", b"record 3"]


@pytest.mark.parametrize(
    "content", [b"\n", b"\0" * 3_000_000, b"{}" * 10, b"\n\n\xff\xfe\r\n", b"deadbeef delivered x\n"]
)
def test_a_file_that_is_no_journal_is_read_as_an_empty_one(made, content):
    made.path.write_bytes(content)
    found = again(made)

    assert found.peek(10) == []
    found.close()
    assert not made.path.exists()


def test_a_long_journal_is_read_piece_by_piece(made, monkeypatch):
    monkeypatch.setattr(journal, "_PIECE_BYTES", 64)
    entries = [b"record %d" % number for number in range(100)]
    made.append(entries)
    found = []
    while some := made.peek(7):
        found += some
        made.drop(len(some))

    assert found == entries
    assert made.path.stat().st_size == 0


def test_links_and_foreign_files_are_not_taken_over(made, folder, tmp_path):
    made.append([b"record 1"])
    name = made.path.name
    outside = tmp_path / "outside"
    outside.write_bytes(made.path.read_bytes())
    made.path.rename(folder / "kept")
    (folder / name).symlink_to(outside)
    readable = folder / name.replace(".usage", "0.usage")
    readable.write_bytes(outside.read_bytes())
    readable.chmod(0o644)

    assert list(Spool(str(folder), url="http://liftgate.test", environment="test").orphans()) == []
