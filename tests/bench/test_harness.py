"""The benchmark harness: what it prints, writes and answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadtests.bench.__main__ import main
from loadtests.bench.measure import Contender, Progress, Volume, compare, percentile
from loadtests.bench.registry import Bench
from loadtests.bench.report import Report, Row, at_least, at_most, ratio_at_least, ratio_at_most

HIT = Row("check", 400, "ns", floor=90, target=at_most(450))
MISS = Row("gate", 700, "ns", floor=90, target=at_most(600))


def benches(*rows: Row) -> dict[str, Bench]:
    return {"sample": Bench("a sample", lambda _quick, _progress: list(rows))}


def test_a_run_whose_rows_all_meet_their_targets_succeeds():
    assert main(["sample"], benches(HIT)) == 0


def test_one_missed_row_fails_the_run():
    assert main(["sample"], benches(HIT, MISS)) == 1


def test_a_run_that_measured_nothing_fails():
    assert main(["sample"], benches()) == 1


def test_the_json_holds_the_agreed_fields(tmp_path: Path):
    main(["sample", "--json", str(tmp_path / "rows.json")], benches(HIT))

    written = json.loads((tmp_path / "rows.json").read_text())
    assert written["bench"] == "sample"
    assert set(written["machine"]) == {"cpu", "cores", "python", "platform"}
    assert written["rows"] == [
        {"name": "check", "value": 400, "unit": "ns", "floor": 90, "target": "<= 450 ns", "ok": True}
    ]


def test_the_table_shows_ratio_and_verdict(capsys: pytest.CaptureFixture[str]):
    main(["sample"], benches(MISS))

    shown = capsys.readouterr().out
    assert shown.splitlines()[-1].split() == ["gate", "700", "ns", "90", "ns", "7.78", "<=", "600", "ns", "MISSED"]


def test_list_names_every_benchmark_with_its_description(capsys: pytest.CaptureFixture[str]):
    assert main(["list"], benches()) == 0
    assert capsys.readouterr().out.split(maxsplit=1) == ["sample", "a sample\n"]


def test_a_quick_run_is_passed_on():
    asked = []

    def measure(quick: bool, _progress: Progress) -> list[Row]:
        asked.append(quick)
        return [HIT]

    main(["sample", "--quick"], {"sample": Bench("a sample", measure)})
    assert asked == [True]


def test_an_option_reaches_the_benchmark_that_has_it_and_no_other():
    asked = []

    def measure(_quick: bool, _progress: Progress, *, processes: int = 20) -> list[Row]:
        asked.append(processes)
        return [HIT]

    known = {**benches(HIT), "crowd": Bench("a crowd", measure, options={"processes": int})}
    main(["crowd"], known)
    main(["crowd", "--processes", "100"], known)

    assert asked == [20, 100]
    with pytest.raises(SystemExit):
        main(["sample", "--processes", "100"], known)


@pytest.mark.parametrize(
    ("row", "ok"),
    [
        (Row("a", 5.0, "ns", target=at_most(5)), True),
        (Row("a", 5.1, "ns", target=at_most(5)), False),
        (Row("a", 4.9, "1/s", target=at_least(5)), False),
        (Row("a", 50, "ns", floor=10, target=ratio_at_most(5)), True),
        (Row("a", 51, "ns", floor=10, target=ratio_at_most(5)), False),
        (Row("a", 59, "1/s", floor=100, target=ratio_at_least(0.6)), False),
        (Row("a", 60, "1/s", floor=100, target=ratio_at_least(0.6)), True),
        (Row("a", 60, "1/s", floor=None, target=ratio_at_least(0.6)), False),
        (Row("a", 60, "1/s"), True),
    ],
)
def test_a_row_is_ok_when_its_figure_lies_within_the_target(row: Row, ok: bool):
    assert row.ok is ok


def test_targets_are_written_as_in_the_brief():
    assert ratio_at_most(5).text("ns") == "ratio <= 5"
    assert at_least(0.5).text("MB") == ">= 0.5 MB"


def test_contenders_take_turns_in_every_round():
    order: list[str] = []
    contenders = {name: Contender(order.append, [name]) for name in ("ours", "floor")}

    compare(contenders, Volume(rounds=2, calls=1), Progress())

    assert [name for position, name in enumerate(order) if position % 2 == 0] == ["floor", "ours", "ours", "floor"]


def test_every_argument_is_used_in_turn():
    seen: list[int] = []
    contender = {"ours": Contender(seen.append, [1, 2, 3])}

    compare(contender, Volume(rounds=1, calls=6), Progress())

    assert seen[3:] == [1, 2, 3, 1, 2, 3]


def test_a_percentile_is_one_of_the_samples():
    assert percentile(list(range(1000)), 0.99) == 990
    assert percentile([7], 0.999) == 7


def test_a_report_with_a_missed_row_is_not_ok():
    assert not Report("sample", {}, (HIT, MISS)).ok
