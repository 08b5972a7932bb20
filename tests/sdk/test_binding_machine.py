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
    """Contexts stand for threads and tasks: each has its own stack of open bindings."""

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
        context, stack = self.pick(number)
        # A task that outlives its creator's block goes on for the same customer, so it gets no part in its stack.
        self.contexts.append((context.copy(), [stack[-1]] if stack else []))

    @rule(number=st.integers(0, 9), customer=st.sampled_from(CUSTOMERS), user=st.sampled_from([None, "u1", "u2"]))
    def enter(self, number: int, customer: str, user: str | None) -> None:
        context, stack = self.pick(number)
        binding = self.client.customer(customer, user=user)
        context.run(binding.__enter__)
        stack.append(binding)

    @precondition(lambda self: any(stack for _, stack in self.contexts))
    @rule(number=st.integers(0, 9))
    def leave(self, number: int) -> None:
        context, stack = self.pick(number)
        own = [binding for binding in stack if binding._is_open]
        if own and context.run(lambda: self.client.binding) is own[-1] and self.owns(context, own[-1]):
            context.run(own[-1].__exit__, None, None, None)
            stack.remove(own[-1])

    def owns(self, context: contextvars.Context, binding: Binding) -> bool:
        return sum(binding in stack for _, stack in self.contexts) == 1

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
