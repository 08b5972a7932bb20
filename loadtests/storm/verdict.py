"""The verdict on a storm: the journals against the database, in every way we know."""

from __future__ import annotations

from collections.abc import Sequence

from loadtests.storm.evidence import Evidence
from loadtests.storm.journal import Attempt
from loadtests.storm.verdict_on_keys import judge_keys
from loadtests.storm.verdict_on_limits import PlanChange, judge_limits
from loadtests.storm.verdict_on_sums import judge_sums
from loadtests.storm.violations import Violation


def judge(attempts: Sequence[Attempt], evidence: Evidence, changes: Sequence[PlanChange]) -> list[Violation]:
    """Return everything that does not fit together; nothing, if all is well."""
    return [
        *judge_keys(attempts, evidence),
        *judge_sums(evidence),
        *judge_limits(attempts, evidence, changes),
    ]
