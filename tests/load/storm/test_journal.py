"""A journal says what was asked and told, also of a process that was killed in the middle."""

from __future__ import annotations

from pathlib import Path

from loadtests.storm.journal import Act, Journal, Outcome, read_journals


def test_an_attempt_without_an_answer_is_unknown(tmp_path: Path):
    journal = Journal(tmp_path / "0.0.journal")
    journal.ask(Act.CONSUME, "a", "k1", feature="tokens", units=2)
    answered = journal.ask(Act.CONSUME, "a", "k2", feature="tokens", units=2)
    journal.tell(answered, Outcome.DONE, used=2)

    first, second = read_journals(tmp_path)
    assert (first.key, first.outcome, first.answered_at) == ("k1", Outcome.UNKNOWN, None)
    assert (second.key, second.outcome, second.answer) == ("k2", Outcome.DONE, {"used": 2})


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path):
    journal = Journal(tmp_path / "0.0.journal")
    journal.ask(Act.CONSUME, "a", "k1")
    with (tmp_path / "0.0.journal").open("a") as file:
        file.write('{"tell": 0, "outc')

    assert [attempt.outcome for attempt in read_journals(tmp_path)] == [Outcome.UNKNOWN]


def test_the_sdk_answers_for_what_it_took_over_before_a_line(tmp_path: Path):
    journal = Journal(tmp_path / "0.0.journal")
    journal.ask(Act.RECORD, "a", "k1")
    journal.ask(Act.CONSUME, "a", "k2")
    late = journal.ask(Act.COMMIT, "a", "k3")
    journal.tell(journal.ask(Act.CONSUME, "a", "k4"), Outcome.UNKNOWN, later=True)
    lines = journal.lines
    journal.tell(late, Outcome.UNKNOWN, later=True)
    journal.ask(Act.RECORD, "a", "k5")
    journal.safe(lines)

    done = [attempt.key for attempt in read_journals(tmp_path) if attempt.outcome is Outcome.DONE]
    assert done == ["k1", "k4"]


def test_the_journals_of_one_place_are_read_alone(tmp_path: Path):
    for name in ("0.0", "0.1", "1.0"):
        Journal(tmp_path / f"{name}.journal").ask(Act.CONSUME, "a", name)

    assert [attempt.key for attempt in read_journals(tmp_path, "0.*")] == ["0.0", "0.1"]
