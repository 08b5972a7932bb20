"""Each load test runs without a failed answer, and a failed answer would fail it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.__main__ import Line, line_of, main, parse, verdict
from loadtests.stack import JOURNEYS

ROOT = Path(__file__).resolve().parents[2]
ENTRY = {
    "method": "GET",
    "name": "/open",
    "num_requests": 4,
    "num_failures": 1,
    "start_time": 100.0,
    "last_request_timestamp": 102.0,
    "response_times": {"5": 3, "40": 1},
}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_short_run_ends_without_a_failure(journey: str):
    answer = subprocess.run(
        [sys.executable, "-m", "loadtests", journey, "--users", "5", "--seconds", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.splitlines()[-1].endswith(" 0 failed")


def test_counts_by_milliseconds_become_percentiles():
    line = line_of(ENTRY)

    assert line == Line("GET /open", sent=4, failed=1, per_second=2.0, p50_ms=5, p99_ms=40, max_ms=40)


def test_one_failed_answer_fails_the_run():
    assert verdict([line_of(ENTRY)]) == 1


def test_what_turns_out_wrong_in_the_end_fails_the_run():
    assert verdict([line_of({**ENTRY, "num_failures": 0})], ["hot used 5001 of 5000"]) == 1


def test_customers_are_chosen_only_for_what_counts():
    assert parse(["consume", "--customers", "hot"]).customers == "hot"
    with pytest.raises(SystemExit):
        parse(["gates", "--customers", "hot"])


def test_a_run_that_sent_nothing_fails():
    assert verdict([]) == 1


def test_answers_without_a_failure_pass():
    assert verdict([line_of({**ENTRY, "num_failures": 0})]) == 0


def test_list_names_every_journey(capsys: pytest.CaptureFixture[str]):
    assert main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(JOURNEYS)
