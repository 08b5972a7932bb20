"""Bare connections: closed while others read, and gone with the thread that had them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from liftgate_server.plumbing.hot_reads import HotReads, hot_reads

# A process of its own, because what went wrong here ended the interpreter.
READ_WHILE_CLOSING = """
import sys, threading
from sqlalchemy import create_engine
from liftgate_server.plumbing.hot_reads import hot_reads

reads = hot_reads(create_engine(f"sqlite:///{sys.argv[1]}"))
answers = []

def read():
    for _ in range(150):
        answers.append(reads.row("SELECT count(*), max(b) FROM t WHERE a > ?", (0,)))

threads = [threading.Thread(target=read) for _ in range(6)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    reads.close()
assert answers == [(2000, "x" * 100)] * 900, len(answers)
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(number, "x" * 100) for number in range(1, 2001)])
    connection.close()
    return path


@pytest.fixture
def reads(table: Path) -> HotReads:
    return hot_reads(create_engine(f"sqlite:///{table}"))


def in_a_thread(reads: HotReads) -> None:
    reader = threading.Thread(target=reads.row, args=("SELECT 1", ()))
    reader.start()
    reader.join()


def files_open(path: Path) -> int:
    return sum(link.exists() and link.samefile(path) for link in Path("/dev/fd").iterdir())


def test_closing_waits_for_a_read_under_way(table):
    done = subprocess.run(
        [sys.executable, "-c", READ_WHILE_CLOSING, table], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_read_after_closing_opens_anew(reads):
    reads.row("SELECT 1", ())
    reads.close()

    assert reads.row("SELECT count(*) FROM t", ()) == (2000,)


def test_a_thread_that_ends_takes_its_connection_with_it(reads, table):
    for _ in range(20):
        in_a_thread(reads)

    assert files_open(table) == 0


def test_closing_leaves_no_file_open(reads, table):
    reads.row("SELECT 1", ())
    assert files_open(table) == 1

    reads.close()

    assert files_open(table) == 0
