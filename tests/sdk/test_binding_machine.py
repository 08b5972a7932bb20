"""An answer for one customer never reaches another, whatever the order of bindings, failures and hand-overs."""

from __future__ import annotations

import contextvars

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from liftgate import Binding, Client, Reason
from tests.sdk.conftest import KEY
from tests.sdk.fake_server import FakeServer

CUSTOMERS = ["free0", "pro1", "free2", "pro3"]


class Bindings(RuleBasedStateMachine):
    """Contexts stand for threads and tasks: each has its own open bindings."""

    def __init__(self) -> None:
        super().__init__()
        self.server = FakeServer()
        for customer in CUSTOMERS:
            self.server.put(customer)
        self.paying = {"pro1", "pro3"}
        for customer in self.paying:
            self.server.upgrade(customer)
        self.client = Client("http://x", KEY, transport=self.server, poll_seconds=3600, load_budget_seconds=5)
        # Failures are part of the game; waiting after them is another test's.
        self.client._feed.loader._backoff._first_seconds = 0.0
        self.contexts: list[tuple[contextvars.Context, list[Binding]]] = []
        self.used: list[Binding] = []

    @initialize()
    def start(self) -> None:
        self.contexts.append((contextvars.Context(), []))

    def pick(self, number: int) -> tuple[contextvars.Context, list[Binding]]:
        return self.contexts[number % len(self.contexts)]

    @rule()
    def new_thread(self) -> None:
        self.contexts.append((contextvars.Context(), []))

    @rule(number=st.integers(0, 9))
    def new_task(self, number: int) -> None:
        context, _ = self.pick(number)
        # A task inherits what is bound and may outlive its creator's block, which it has no part in.
        self.contexts.append((context.copy(), []))

    @rule(number=st.integers(0, 9), customer=st.sampled_from(CUSTOMERS), user=st.sampled_from([None, "u1", "u2"]))
    def enter(self, number: int, customer: str, user: str | None) -> None:
        self.bind(number, self.client.customer(customer, user=user))

    @precondition(lambda self: self.used)
    @rule(number=st.integers(0, 9), which=st.integers(0, 9))
    def enter_again(self, number: int, which: int) -> None:
        self.bind(number, self.used.pop(which % len(self.used)))

    def bind(self, number: int, binding: Binding) -> None:
        context, own = self.pick(number)
        context.run(binding.__enter__)
        own.append(binding)

    @precondition(lambda self: any(own for _, own in self.contexts))
    @rule(number=st.integers(0, 9), which=st.integers(0, 9))
    def leave(self, number: int, which: int) -> None:
        context, own = self.pick(number)
        if own:
            # Any of them, as generators that take turns leave their blocks in any order.
            binding = own.pop(which % len(own))
            context.run(binding.__exit__, None, None, None)
            self.used.append(binding)

    @precondition(lambda self: any(own for _, own in self.contexts))
    @rule(number=st.integers(0, 9))
    def leave_all(self, number: int) -> None:
        context, own = self.pick(number)
        if own:
            for binding in own:
                context.run(binding.__exit__, None, None, None)
            self.used += own
            own.clear()
            bound = context.run(lambda: self.client.binding)
            assert bound is None or not any(bound is used for used in self.used)

    @rule(customer=st.sampled_from(CUSTOMERS))
    def upgrade(self, customer: str) -> None:
        self.server.upgrade(customer)
        self.paying.add(customer)
        self.catch_up()

    @rule(customer=st.sampled_from(CUSTOMERS))
    def cancel(self, customer: str) -> None:
        self.server.put(customer, phases=[])
        self.paying.discard(customer)
        self.catch_up()

    @rule()
    def go_down(self) -> None:
        self.catch_up()
        self.server.is_down = True

    @rule()
    def come_up(self) -> None:
        self.server.is_down = False
        self.catch_up()

    def catch_up(self) -> None:
        if not self.server.is_down:
            self.client._feed._poller.poll()
            self.paying_as_told = set(self.paying)

    @invariant()
    def each_context_hears_of_its_own_customer(self) -> None:
        told = getattr(self, "paying_as_told", self.paying)
        for context, _ in self.contexts:
            binding = context.run(lambda: self.client.binding)
            decision = context.run(self.client.check, "sso")
            if binding is None:
                assert decision.reason is Reason.NO_CUSTOMER
            elif decision.reason is Reason.UNAVAILABLE:
                assert not decision.granted
            else:
                assert decision.granted is (binding.customer in told)

    def teardown(self) -> None:
        self.client.close()


TestBindings = Bindings.TestCase
