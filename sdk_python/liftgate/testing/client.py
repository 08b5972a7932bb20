"""The client for the tests of host apps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from liftgate.answers import Order, OrderStatus
from liftgate.bindings import Binding, check_identifier
from liftgate.cache import Cache
from liftgate.configuration import Settings, parse_fail_policy, parse_key
from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue, Snapshot
from liftgate.engine.customer_state import Attribute, CustomerState
from liftgate.engine.decision import Decision
from liftgate.engine.explain import Explanation, explain
from liftgate.engine.gate_modes import FailPolicy
from liftgate.engine.judging import Asked
from liftgate.engine.limits import Reported
from liftgate.errors import ApiError, LiftgateError
from liftgate.metered import Metered
from liftgate.testing import holdings
from liftgate.testing.clock import TestClock
from liftgate.testing.meter import Holder, MemoryMeter
from liftgate.views import Material, View

# size: some imports more than the budget; one object plays client and server

__all__ = ["TestClient"]

_ENVIRONMENT: Final = "test"
_KEY: Final = f"lgsk_{_ENVIRONMENT}_testing_notasecret"
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class TestClient(Metered):
    """A ``Client`` whose server is this object: the same bindings, checks and gates, no network and no threads.

    Strict unless told otherwise: a gate that the catalogue lacks raises ``UnknownGate``. A customer nobody has
    mentioned holds the catalogue's default plan. ``refused`` lists the decisions of the gates that refused, ``clock``
    moves the time.

    >>> client = TestClient({"schema": 1, "languages": ["en"], "features": {
    ...     "sso": {"kind": "switch", "name": {"en": "Single sign-on"}}}})
    >>> client.grant("acme", "sso", True)
    >>> with client.customer("acme"):
    ...     client.check("sso").granted
    True
    """

    __test__ = False

    url = "http://liftgate.test"
    """What the glue tells the widget."""

    last_error: Exception | None = None
    """Nothing fails here."""

    def __init__(
        self,
        catalogue: Mapping[str, Any] | Catalogue,
        *,
        at: datetime = _START,
        strict: bool = True,
        on_failure: FailPolicy | str = FailPolicy.CLOSED,
    ) -> None:
        self.clock = TestClock(at, on_change=self._forget_answers)
        self.refused: list[Decision] = []
        settings = Settings(strict=strict, on_failure=parse_fail_policy(on_failure), clock=self.clock)
        self._cache = Cache(settings)
        self._orders: dict[str, Order] = {}
        self._is_down = False
        self._meter = MemoryMeter(
            Holder(
                snapshot=lambda: self._snapshot,
                state=self._state,
                keep=self._keep,
                now=lambda: self.clock.now,
                is_down=lambda: self._is_down,
            )
        )
        super().__init__(settings, self, parse_key(_KEY))
        self.publish(catalogue)

    def publish(
        self,
        catalogue: Mapping[str, Any] | Catalogue,
        *,
        for_all_from: datetime | None = None,
        notice_from: datetime | None = None,
    ) -> None:
        """Replace the catalogue; a plan that changed gets a new version, and who has the old one keeps it.

        With ``for_all_from`` they keep it until then only, and are told so from ``notice_from`` on.

        >>> # client.publish({**CATALOGUE, "plans": other_plans}, for_all_from=new_year)
        """
        document = catalogue if isinstance(catalogue, Catalogue) else read_catalogue(catalogue)
        have = self._cache.snapshot
        snapshot = holdings.next_snapshot(have, document, environment=_ENVIRONMENT, at=self.clock.now)
        if have is not None:
            snapshot = holdings.ending_versions(have, snapshot, at=for_all_from, notice_at=notice_from)
        self._cache.store_snapshot(snapshot, etag=None)

    def subscribe(  # noqa: PLR0913 - fields of a subscription, nearly all by keyword
        self,
        customer: str,
        plan: str,
        *,
        interval: str = "month",
        currency: str = "EUR",
        quantity: int = 1,
        status: str = "active",
        ends_at: datetime | None = None,
    ) -> None:
        """Give a customer a plan from now on; a plan they have ends now.

        >>> # client.subscribe("acme", "pro", status="trialing", ends_at=client.clock.now + timedelta(days=14))
        """
        state = holdings.subscribed(
            self._state(customer),
            self._snapshot,
            plan,
            at=self.clock.now,
            interval=interval,
            currency=currency,
            quantity=quantity,
            status=status,
            ends_at=ends_at,
        )
        self._store(state)

    def cancel(self, customer: str) -> None:
        """End a customer's subscription now.

        >>> # client.cancel("acme")
        """
        self._store(holdings.unsubscribed(self._state(customer), at=self.clock.now))

    def add_addon(self, customer: str, addon: str, *, quantity: int = 1) -> None:
        """Give a customer an add-on from now on.

        >>> # client.add_addon("acme", "extra_exports", quantity=2)
        """
        state, at = self._state(customer), self.clock.now
        self._store(holdings.with_addon(state, self._snapshot, addon, quantity=quantity, at=at))

    def grant(
        self,
        customer: str,
        feature: str,
        entitlement: object = None,
        *,
        kind: str = "promotion",
        ends_at: datetime | None = None,
        reason: str | None = None,
    ) -> None:
        """Grant one feature: ``kind`` is ``promotion`` (on top), ``override`` (instead), ``trial`` or ``revoke``.

        ``entitlement`` is written as in a plan of the catalogue; a revoke needs none.

        >>> # client.grant("acme", "exports", {"limit": 10, "per": "month"}, ends_at=tomorrow)
        """
        state = holdings.granted(
            self._state(customer),
            self._snapshot,
            feature,
            entitlement,
            kind=kind,
            at=self.clock.now,
            ends_at=ends_at,
            reason=reason,
        )
        self._store(state)

    def set_usage(self, customer: str, feature: str, used: int, *, user: str | None = None) -> None:
        """Say how much of a counted feature has been used in each of its present periods.

        ``user`` is needed where a limit counts each user's own use.

        >>> # client.set_usage("acme", "exports", 5)
        """
        state, at = self._state(customer), self.clock.now
        self._meter.set_usage(customer, holdings.counters_of(state, self._snapshot, feature, user=user, at=at), used)

    def usage_of(self, customer: str, feature: str, *, user: str | None = None) -> int:
        """Return all units that were counted of a metered feature, a capacity or a value metric; of one user, or all.

        >>> # assert client.usage_of("acme", "minutes_saved") == 12
        """
        return self._meter.units_of(customer, feature, user)

    @property
    def uses(self) -> Mapping[tuple[str, str | None, str], int]:
        """How often ``used`` said that a feature was used, by customer, user and feature.

        >>> # assert client.uses["acme", "u1", "sso"] == 1
        """
        return self._meter.uses

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Act as if no data could be had by the bindings that begin within the block.

        >>> # with client.outage(), client.customer("acme"), pytest.raises(liftgate.GateUnavailable): export()
        """
        self._is_down = True
        try:
            yield
        finally:
            self._is_down = False

    def upsert_customer(
        self,
        customer: str,
        *,
        name: str | None = None,
        language: str | None = None,
        currency: str | None = None,
        attributes: Mapping[str, Attribute] | None = None,
    ) -> None:
        """Create a customer, or change what is given; as ``Client.upsert_customer``.

        >>> # client.upsert_customer("acme", language="de")
        """
        del name  # no decision depends on it
        state = self._state(customer)
        self._store(
            replace(
                state,
                language=language or state.language,
                currency=currency or state.currency,
                attributes=dict(attributes) if attributes is not None else state.attributes,
            )
        )

    def upsert_user(
        self, customer: str, user: str, *, name: str | None = None, email: str | None = None, buyer: bool | None = None
    ) -> None:
        """Create a user, or change what is given; as ``Client.upsert_user``.

        >>> # client.upsert_user("acme", "u1", buyer=True)
        """
        del name, email  # no decision depends on them
        check_identifier(user, what="user")
        if buyer is not None:
            state = self._state(customer)
            others = tuple(known for known in state.buyers if known != user)
            self._store(replace(state, buyers=(*others, user) if buyer else others))

    def order(  # noqa: PLR0913 - as `Client.order`
        self,
        *,
        interval: str,
        plan: str | None = None,
        addon: str | None = None,
        currency: str | None = None,
        quantity: int | None = None,
        customer: str | None = None,
        user: str | None = None,
        idempotency_key: str | None = None,
    ) -> Order:
        """Order a plan or an add-on, which is there at once; as ``Client.order``.

        >>> # client.order(plan="pro", interval="month").status
        """
        number = idempotency_key or f"ord_{len(self._orders) + 1}"
        if number in self._orders:
            return self._orders[number]
        if (plan is None) == (addon is None):
            raise ApiError("invalid", status=422, detail="An order names either a plan or an add-on.")
        if customer is None:
            binding = self._need_binding()
            customer, user = binding.customer, user or binding.user
        if plan is not None:
            self.subscribe(customer, plan, interval=interval, currency=currency or "EUR", quantity=quantity or 1)
        if addon is not None:
            self.add_addon(customer, addon, quantity=quantity or 1)
        now = self.clock.now
        order = Order(
            id=number,
            status=OrderStatus.COMPLETED,
            customer=customer,
            user=user,
            plan=plan,
            addon=addon,
            interval=interval,
            currency=currency or "EUR",
            quantity=quantity or 1,
            amount=0,
            created_at=now,
            expires_at=None,
            completed_at=now,
            customer_version=self._state(customer).version,
        )
        self._orders[number] = order
        return order

    def get_order(self, order: str) -> Order:
        """Return an order; as ``Client.get_order``.

        >>> # client.get_order("ord_1").plan
        """
        try:
            return self._orders[order]
        except KeyError:
            raise ApiError("unknown_order", status=404, detail=f"There is no order {order!r}.") from None

    def explain(self, gate: str, *, units: int | None = None, used: Reported | None = None) -> Explanation:
        """Say why a gate answers as it does for the bound customer; as ``Client.explain``.

        >>> # client.explain("reports.export").trace
        """
        binding = self._need_binding()
        asked = Asked(at=self.clock.now, user=binding.user, units=units, reported=used)
        return explain(self._snapshot, self._state(binding.customer), gate, asked)

    def refresh(self, customer: str | None = None) -> None:
        """Do nothing, as everything is fresh here; as ``Client.refresh``.

        >>> # client.refresh()
        """

    def flush(self, seconds: float = 5.0) -> bool:
        """Say that everything is delivered, as it is here at once; as ``Client.flush``.

        >>> # client.flush()
        """
        del seconds
        return True

    def close(self) -> None:
        """Do nothing; as ``Client.close``.

        >>> # client.close()
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def is_ready(self, binding: Binding) -> bool:
        """Say that a binding never has to wait."""
        del binding
        return True

    def open(self, binding: Binding) -> View:
        """Return the view of a binding."""
        if self._is_down:
            return View(Material(), reader=binding.reader, settings=self._settings)
        self._state(binding.customer)
        return self._cache.view(self._cache.customer(binding.customer), binding.reader)

    def count(self, change: int) -> None:
        """Take note of a binding; nobody polls here."""

    @property
    def _snapshot(self) -> Snapshot:
        snapshot = self._cache.snapshot
        if snapshot is None:
            raise LiftgateError("Nothing is published yet.")
        return snapshot

    def _state(self, customer: str) -> CustomerState:
        entry = self._cache.customer(check_identifier(customer, what="customer"))
        if entry.state is None:
            state = CustomerState(environment=_ENVIRONMENT, customer=customer, version=1)
            self._cache.store_state(entry, state, etag=None)
            return state
        return entry.state

    def _store(self, state: CustomerState) -> None:
        self._keep(self._meter.counted(replace(state, version=state.version + 1)))

    def _keep(self, state: CustomerState) -> None:
        self._cache.store_state(self._cache.customer(state.customer), state, etag=None)

    def _forget_answers(self) -> None:
        self._meter.refresh()
        self._cache.renew()

    def _counter(self) -> MemoryMeter:
        return self._meter

    def _note_refusal(self, decision: Decision) -> None:
        self.refused.append(decision)
