"""What a check answers, from which data, and for how long."""

from __future__ import annotations

import threading

import pytest

from liftgate import FailPolicy, Reason, UnknownGate
from tests.sdk.conftest import settle
from tests.sdk.fake_server import CATALOGUE, pro_phase


def test_a_bound_customer_gets_the_engines_decision(client, server):
    server.upgrade("acme")

    with client.customer("acme"):
        decision = client.check("sso.login")

    assert decision.granted
    assert decision.decided_by == "plan:pro@1"


def test_a_refusal_offers_the_step_that_lifts_it(client):
    with client.customer("acme", locale="de"):
        offer = client.check("boards.create", used=3).offer

    assert offer is not None
    assert offer.language == "de"
    assert [option.plan for option in offer.content.options] == ["pro"]


def test_each_language_of_a_reader_has_its_own_answers(client):
    languages = []
    for locale in (None, "de", "en", None):
        with client.customer("acme", user="u1", locale=locale):
            languages.append(client.check("sso").offer.language)

    assert languages == ["en", "de", "en", "en"]


@pytest.mark.parametrize(("buyer", "action"), [(True, "checkout"), (False, "request_upgrade"), (None, "checkout")])
def test_the_host_may_say_who_buys(client, buyer, action):
    with client.customer("acme", user="u1", buyer=buyer):
        assert client.check("sso").offer.actions[0].kind == action


def test_a_repeated_check_is_the_same_object(client):
    with client.customer("acme"):
        assert client.check("sso.login") is client.check("sso.login")


def test_the_next_binding_of_the_same_reader_answers_from_memory(client):
    with client.customer("acme", user="u1"):
        first = client.check("sso.login")
    with client.customer("acme", user="u1"):
        assert client.check("sso.login") is first


def test_a_check_with_the_hosts_own_count_is_not_remembered(client):
    with client.customer("acme"):
        assert not client.check("boards.create", used=3)
        assert client.check("boards.create", used=2)
        assert client.check("boards.create")


def test_units_are_asked_for_together(client):
    with client.customer("acme"):
        assert client.check("boards.create", used=1, units=2)
        assert not client.check("boards.create", used=2, units=2)


def test_checks_send_no_request(client, server):
    with client.customer("acme"):
        settle(client)
        before = len(server.requests)
        for gate in [*CATALOGUE["gates"], *CATALOGUE["features"], "no.such.gate"]:
            client.check(gate)
            client.check(gate, used=1, units=1)

    assert len(server.requests) == before


def test_access_ends_at_the_very_instant_also_from_memory(client, server, wall_clock):
    server.put("acme", phases=[pro_phase(ends_at="2026-12-01T00:00:00Z")])
    wall_clock.set("2026-11-30T23:59:59.999999Z")

    with client.customer("acme"):
        assert client.check("sso.login").granted
        assert client.check("sso.login").granted
        wall_clock.set("2026-12-01T00:00:00Z")
        assert client.check("sso.login").reason is Reason.NOT_INCLUDED


def test_access_that_has_ended_does_not_come_back_when_the_clock_is_turned_back(client, server, wall_clock):
    server.put("acme", phases=[pro_phase(ends_at="2026-12-01T00:00:00Z")])

    with client.customer("acme"):
        assert client.check("sso.login").granted
        wall_clock.set("2026-12-01T00:00:00Z")
        assert not client.check("sso.login").granted
        wall_clock.set("2026-11-22T09:00:00Z")
        assert not client.check("sso.login").granted


def test_a_limit_starts_anew_with_its_period(client, server, wall_clock):
    usage = {"feature": "exports", "user": None, "window": "month:2026-11-01T00:00:00Z", "used": 5}
    server.put("acme", usage=[usage])

    with client.customer("acme"):
        assert client.check("reports.export").reason is Reason.LIMIT_REACHED
        wall_clock.set("2026-12-01T00:00:00Z")
        assert client.check("reports.export").granted


def test_an_unknown_gate_has_a_reason_of_its_own(client):
    with client.customer("acme"):
        decision = client.check("no.such.gate")

    assert (decision.granted, decision.reason, decision.fallback) == (False, Reason.UNKNOWN_GATE, True)
    assert decision.offer is None


def test_unknown_gates_do_not_fill_the_memory(client):
    with client.customer("acme"):
        view = client._current_view()
        for number in range(1000):
            client.check(f"guess.{number}")

    assert len(view) + len(view._until) + len(view._evaluator._decisions) == 0


def test_strict_mode_raises_for_an_unknown_gate(make_client):
    client = make_client(strict=True)

    with client.customer("acme"):
        with pytest.raises(UnknownGate):
            client.check("no.such.gate")
        with pytest.raises(UnknownGate):
            client.check("no.such.gate", used=1)


def test_without_a_binding_the_customer_is_unknown(client, server):
    decision = client.check("sso.login")

    assert (decision.reason, decision.granted, decision.fallback) == (Reason.NO_CUSTOMER, False, True)
    assert server.requests == []


def test_a_customer_the_server_does_not_know_is_unknown(client):
    with client.customer("stranger"):
        decision = client.check("reports.export")

    assert (decision.reason, decision.granted, decision.fallback) == (Reason.NO_CUSTOMER, False, True)


def test_without_any_data_the_clients_fail_policy_decides(make_client, server):
    server.is_down = True
    opened, closed = make_client(on_failure="open"), make_client(on_failure=FailPolicy.CLOSED)

    with opened.customer("acme"), closed.customer("acme"):
        assert opened.check("reports.export").granted
        assert not closed.check("reports.export").granted
        assert opened.check("reports.export").reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(
    ("gate", "granted", "reason"),
    [
        ("reports.export", False, Reason.NO_CUSTOMER),
        ("sso.login", True, Reason.NO_CUSTOMER),
        ("beta", True, Reason.GATE_OPEN),
        ("maintenance", False, Reason.GATE_CLOSED),
        ("trial_run", True, Reason.OBSERVED),
    ],
)
def test_with_a_catalogue_but_no_customer_the_gate_decides(client, gate, granted, reason):
    with client.customer("stranger"):
        decision = client.check(gate)

    assert (decision.granted, decision.reason) == (granted, reason)


def test_a_fallback_offers_nothing(client):
    with client.customer("stranger"):
        assert client.check("reports.export").offer is None


def test_all_gates_are_answered_at_once(client):
    with client.customer("acme"):
        decisions = client.gates()

    assert list(decisions) == [*CATALOGUE["gates"], *CATALOGUE["features"]]
    assert decisions["beta"].granted
    assert not decisions["sso"].granted


def test_without_data_there_are_no_gates_to_list(client):
    assert client.gates() == {}


def test_an_engine_that_breaks_takes_no_host_down(client, monkeypatch):
    with client.customer("acme"):
        monkeypatch.setattr("liftgate.engine.evaluate.Evaluator.decide", lambda *_, **__: 1 / 0)

        assert client.check("reports.export").reason is Reason.UNAVAILABLE


def test_threads_that_check_together_get_one_answer(client):
    answers, start = [], threading.Barrier(8)

    def ask():
        with client.customer("acme"):
            start.wait()
            answers.append(client.check("reports.export"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    "numbers", [{"used": -1}, {"units": -1}, {"used": 1.0}, {"used": True}, {"used": {"day": -3}}, {"used": "3"}]
)
def test_numbers_that_count_nothing_decide_nothing(client, numbers):
    with client.customer("acme"):
        decision = client.check("boards.create", **numbers)

    assert (decision.granted, decision.reason, decision.fallback) == (False, Reason.UNAVAILABLE, True)


def test_in_strict_mode_numbers_that_count_nothing_raise(make_client):
    client = make_client(strict=True)

    with client.customer("acme"), pytest.raises(ValueError, match="whole numbers"):
        client.check("boards.create", used=-1)
