"""p02: a recording nears its limit: a warning in the flow with an upgrade; afterwards the gate is closed, all is kept.

The browser's part is `tests/browser/test_p02_near_limit_while_working.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import liftgate
from tests.scenarios.conftest import Stack, publish_recordings

MINUTES = 5


class Recorder:
    """What a host does: it holds the minutes that are left, records minute by minute, and keeps what it has."""

    def __init__(self, lg: liftgate.Client) -> None:
        self._lg = lg
        self.tapes: list[list[str]] = []

    def record(self, scenes: list[str], *, warn: Callable[[liftgate.Share], None]) -> None:
        """Record as long as minutes are left; whoever is near the end is told while it goes on."""
        decision = self._lg.check("recordings.record")
        tape: list[str] = []
        with self._lg.reserve("recordings.record", max(1, decision.remaining or 0)) as held:
            self.tapes.append(tape)
            for scene in scenes[: held.units]:
                tape.append(scene)
                share = self._lg.share("recordings.record", used=(decision.used or 0) + len(tape))
                if share is not None and share.percent >= 80:
                    warn(share)
            held.commit(len(tape))


@pytest.fixture
def recorder(stack: Stack, lg: liftgate.Client) -> Iterator[Recorder]:
    publish_recordings(stack, minutes=MINUTES)
    with lg.customer("blue-kite", user="owner", buyer=True):
        yield Recorder(lg)


def test_the_warning_comes_within_the_recording_with_an_upgrade_to_order(recorder: Recorder) -> None:
    warnings: list[liftgate.Share] = []

    recorder.record(["one", "two", "three", "four"], warn=warnings.append)

    (warning,) = warnings
    assert (warning.used, warning.limit, warning.percent) == (4, MINUTES, 80)
    assert (
        warning.sentence == "You have used 80% of your recorded minutes this month. If you need more, we recommend Pro."
    )
    assert warning.offer is not None
    assert (warning.offer.trigger, warning.offer.content.eyebrow) == ("near_limit", "Nearly used up")
    assert [option.plan for option in warning.offer.content.options] == ["pro", "pro"]


def test_the_offer_of_the_warning_can_be_ordered_as_it_stands(
    stack: Stack, lg: liftgate.Client, recorder: Recorder
) -> None:
    warnings: list[liftgate.Share] = []
    recorder.record(["one", "two", "three", "four"], warn=warnings.append)
    assert warnings[0].offer is not None
    option = warnings[0].offer.content.options[0]

    wanted = {name: getattr(option, name) for name in ("plan", "addon", "interval", "currency", "quantity")}
    order = stack.buy(lg.token(), wanted)

    assert order["status"] == "completed"
    with lg.customer("blue-kite", minimum_version=order["customer_version"]):
        assert lg.check("recordings.record").remaining == 995


def test_after_the_limit_the_gate_is_closed_and_what_was_recorded_is_kept(recorder: Recorder) -> None:
    recorder.record(["one", "two", "three", "four", "five", "six"], warn=lambda _share: None)

    with pytest.raises(liftgate.UpgradeRequired) as refusal:
        recorder.record(["seven"], warn=lambda _share: None)

    assert recorder.tapes == [["one", "two", "three", "four", "five"]]
    payload = refusal.value.payload
    assert payload is not None
    assert payload.content.usage is not None
    assert (payload.content.usage.used, payload.content.usage.limit) == (MINUTES, MINUTES)
    assert payload.content.options[0].plan == "pro"


def test_a_recording_that_fails_uses_nothing_up(stack: Stack, lg: liftgate.Client, recorder: Recorder) -> None:
    with pytest.raises(RuntimeError, match="camera"), lg.reserve("recordings.record", 3):
        raise RuntimeError("the camera went off")

    (minutes,) = [it for it in stack.usage_of("blue-kite") if it["feature"] == "recorded_minutes"]
    assert (minutes["used"], minutes["held"]) == (0, 0)
