"""What a function does behind a gate."""

from __future__ import annotations

import asyncio
import inspect
import pickle

import pytest

from liftgate import ConfigurationError, GateUnavailable, Reason, UpgradeRequired


def test_a_function_behind_an_open_gate_runs(client, server):
    server.upgrade("acme")

    @client.gate("sso.login")
    def log_in(name: str, *, times: int = 1) -> str:
        return name * times

    with client.customer("acme"):
        assert log_in("ab", times=2) == "abab"


def test_a_refused_function_does_not_run_and_says_what_to_offer(client):
    ran = []

    @client.gate("sso.login")
    def log_in() -> None:
        ran.append(True)

    with client.customer("acme"), pytest.raises(UpgradeRequired) as caught:
        log_in()

    assert ran == []
    assert caught.value.decision.reason is Reason.NOT_INCLUDED
    assert caught.value.payload is caught.value.decision.offer is not None


def test_a_refusal_reaches_another_process_with_its_offer(client):
    @client.gate("sso.login")
    def log_in() -> None: ...

    with client.customer("acme"), pytest.raises(UpgradeRequired) as caught:
        log_in()
    arrived = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes

    assert arrived.decision == caught.value.decision
    assert arrived.payload == caught.value.payload is not None


def test_missing_data_is_an_outage_and_never_a_reason_to_upgrade(client, server):
    server.is_down = True

    @client.gate("reports.export")
    def export() -> None: ...

    with client.customer("acme"), pytest.raises(GateUnavailable) as caught:
        export()

    assert caught.value.decision.reason is Reason.UNAVAILABLE


def test_otherwise_is_called_instead_with_the_same_arguments(client):
    @client.gate("sso.login", otherwise=lambda name: f"preview of {name}")
    def show(name: str) -> str:
        return name

    with client.customer("acme"):
        assert show("report") == "preview of report"


@pytest.mark.parametrize("rules", [{}, {"units": 1}])
def test_otherwise_may_be_asynchronous(client, rules):
    async def preview() -> str:
        return "preview"

    @client.gate("sso.login", otherwise=preview, **rules)
    async def show() -> str:
        return "report"

    with client.customer("acme"):
        assert asyncio.run(show()) == "preview"


@pytest.mark.parametrize(("on_failure", "runs"), [("open", True), ("closed", False)])
def test_the_decorators_fail_policy_comes_before_the_gates(client, on_failure, runs):
    # The gate sso.login fails open, reports.export fails closed.
    gate = "reports.export" if runs else "sso.login"

    @client.gate(gate, on_failure=on_failure, otherwise=lambda: False)
    def work() -> bool:
        return True

    with client.customer("stranger"):
        assert work() is runs


def test_the_fail_policy_does_not_touch_what_is_known(client):
    @client.gate("sso.login", on_failure="open")
    def log_in() -> None: ...

    with client.customer("acme"), pytest.raises(UpgradeRequired):
        log_in()


def test_a_fail_policy_that_does_not_exist_is_refused_at_once(client):
    with pytest.raises(ConfigurationError):
        client.gate("sso.login", on_failure="maybe")


def test_the_hosts_count_may_be_computed_from_the_arguments(client):
    @client.gate("boards.create", used=lambda boards, name: len(boards), units=lambda boards, name: 2)
    def create(boards: list[str], name: str) -> list[str]:
        return [*boards, name]

    with client.customer("acme"):
        assert create(["one"], "two") == ["one", "two"]
        with pytest.raises(UpgradeRequired) as caught:
            create(["one", "two"], "three")

    assert caught.value.decision.used == 2


def test_a_coroutine_function_is_asked_about_when_it_runs(client, server):
    @client.gate("sso.login")
    async def log_in(name: str) -> str:
        return name

    async def use() -> str:
        async with client.customer("acme"):
            coroutine = log_in("ada")
            server.upgrade("acme")
            client.refresh("acme")
            return await coroutine

    assert inspect.iscoroutinefunction(log_in)
    assert asyncio.run(use()) == "ada"


def test_an_async_gate_refuses_counts_and_awaits_what_is_called_instead(client):
    async def count(boards: list[str]) -> int:
        return len(boards)

    async def preview(boards: list[str]) -> str:
        return f"preview of {len(boards)}"

    @client.gate("boards.create", used=count, otherwise=preview)
    async def create(boards: list[str]) -> str:
        return "created"

    async def use() -> list[str]:
        async with client.customer("acme"):
            return [await create([]), await create(["a", "b", "c"])]

    assert asyncio.run(use()) == ["created", "preview of 3"]


def test_an_async_gate_raises_when_awaited(client):
    @client.gate("sso.login")
    async def log_in() -> None: ...

    async def use() -> None:
        async with client.customer("acme"):
            await log_in()

    with pytest.raises(UpgradeRequired):
        asyncio.run(use())


def test_a_generator_is_refused_before_its_first_item(client):
    @client.gate("sso.login")
    def stream():
        yield 1

    with client.customer("acme"), pytest.raises(UpgradeRequired):
        stream()


def test_an_allowed_generator_yields_also_after_the_binding(client, server):
    server.upgrade("acme")

    @client.gate("sso.login")
    def stream():
        yield from (1, 2)

    with client.customer("acme"):
        items = stream()

    assert list(items) == [1, 2]


def test_a_method_keeps_its_signature_name_and_docstring(client):
    class Board:
        @client.gate("beta")
        def rename(self, name: str, *, quiet: bool = False) -> tuple[str, bool]:
            """Rename the board."""
            return name, quiet

    assert str(inspect.signature(Board.rename)) == "(self, name: 'str', *, quiet: 'bool' = False) -> 'tuple[str, bool]'"
    assert (Board.rename.__name__, Board.rename.__doc__) == ("rename", "Rename the board.")
    with client.customer("acme"):
        assert Board().rename("x", quiet=True) == ("x", True)


def test_what_the_function_raises_comes_through(client):
    @client.gate("beta")
    def fail() -> None:
        raise LookupError("mine")

    with client.customer("acme"), pytest.raises(LookupError, match="mine"):
        fail()


def test_a_refusal_says_its_gate_and_reason(client):
    with client.customer("acme"):
        refusal = UpgradeRequired(client.check("sso.login"))

    assert str(refusal) == "gate 'sso.login': not_included"
