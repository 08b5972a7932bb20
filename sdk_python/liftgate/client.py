"""The client: one per process, lazy, with everything that asks the server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from liftgate.bindings import check_identifier
from liftgate.configuration import (
    Clock,
    Settings,
    parse_address,
    parse_fail_policy,
    parse_key,
    parse_spool,
    parse_stream,
)
from liftgate.engine.gate_modes import FailPolicy
from liftgate.feed import Feed
from liftgate.metered import Metered
from liftgate.server_clock import ServerClock
from liftgate.transport import HttpTransport

if TYPE_CHECKING:
    from liftgate.answers import Order
    from liftgate.consuming import Meter
    from liftgate.engine.customer_state import Attribute
    from liftgate.engine.explain import Explanation
    from liftgate.engine.limits import Reported
    from liftgate.messages import Transport

# size: three imports more than the budget; this is where the parts of the client meet

__all__ = ["Client"]

_DEFAULTS = Settings()


class Client(Metered):
    """The connection of a process to its Liftgate server.

    Cheap to make: no request and no thread before the first binding. Safe to share between threads and tasks, and to
    fork. ``url`` and ``api_key`` default to LIFTGATE_URL and LIFTGATE_API_KEY.

    >>> # lg = liftgate.Client("https://liftgate.example.com", "lgsk_production_k1_...")
    >>> # with lg.customer("acme"): lg.check("reports.export").granted

    Args:
        url: Where the server is.
        api_key: A secret key of the environment.
        load_budget_seconds: How long a binding may wait for a customer's data.
        poll_seconds: How often the server is asked what has changed while there is no stream.
        stream: Whether to hear of changes over a connection that stays open; the address of the stream, if the server
            holds it on another host. Defaults to LIFTGATE_STREAM, else ``True``.
        request_timeout_seconds: The deadline of one request; of ``consume`` and its like, with all that is repeated.
        stale_after_seconds: After so long without the server, decisions are marked ``stale``.
        idle_after_seconds: After so long without a binding, polling rests until the next one.
        on_failure: What a gate without a fail policy of its own answers when there is no data.
        max_customers: How many customers are kept in memory.
        strict: Whether a gate that the catalogue lacks raises ``UnknownGate``; meant for tests.
        clock: The present as seconds since 1970 in UTC; it is corrected by what the server's answers say.
        transport: What carries the requests instead of ``http.client``.
        spool_dir: A folder in which is kept what was recorded and not delivered yet, also when the process is killed.
            Defaults to LIFTGATE_SPOOL_DIR, else it is kept in memory.
    """

    def __init__(  # noqa: PLR0913 - settings, all by keyword, each documented above
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        load_budget_seconds: float = _DEFAULTS.load_budget_seconds,
        poll_seconds: float = _DEFAULTS.poll_seconds,
        stream: bool | str | None = None,
        request_timeout_seconds: float = _DEFAULTS.request_timeout_seconds,
        stale_after_seconds: float = _DEFAULTS.stale_after_seconds,
        idle_after_seconds: float = _DEFAULTS.idle_after_seconds,
        on_failure: FailPolicy | str = _DEFAULTS.on_failure,
        max_customers: int = _DEFAULTS.max_customers,
        strict: bool = _DEFAULTS.strict,
        clock: Clock = _DEFAULTS.clock,
        transport: Transport | None = None,
        spool_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        server_clock = ServerClock(clock)
        self._settings = Settings(
            load_budget_seconds=load_budget_seconds,
            poll_seconds=poll_seconds,
            stream=parse_stream(stream=stream),
            request_timeout_seconds=request_timeout_seconds,
            stale_after_seconds=stale_after_seconds,
            idle_after_seconds=idle_after_seconds,
            on_failure=parse_fail_policy(on_failure),
            max_customers=max_customers,
            strict=strict,
            clock=server_clock,
            spool_dir=parse_spool(spool_dir),
        )
        address, credentials = parse_address(url), parse_key(api_key)
        self._url = address.url
        carrier = transport or HttpTransport(address, credentials)
        self._feed = Feed(carrier, address, self._settings, server_clock, environment=credentials.environment)
        super().__init__(self._settings, self._feed, credentials)

    @property
    def url(self) -> str:
        """The address of the server, as the widget needs it.

        >>> # client.url == "https://liftgate.example.com"
        """
        return self._url

    @property
    def last_error(self) -> Exception | None:
        """What the last load, poll or report that failed in the background said; ``None`` when none ever did.

        >>> # if client.last_error: log.warning("Liftgate: %s", client.last_error)
        """
        return self._feed.last_error

    def upsert_customer(
        self,
        customer: str,
        *,
        name: str | None = None,
        language: str | None = None,
        currency: str | None = None,
        attributes: Mapping[str, Attribute] | None = None,
    ) -> None:
        """Tell the server about an account: create it, or change what is given.

        >>> # client.upsert_customer("acme", name="Acme Ltd", attributes={"industry": "media"})
        """
        check_identifier(customer, what="customer")
        fields = {"name": name, "language": language, "currency": currency}
        self._feed.api().upsert_customer(customer, {**fields, "attributes": dict(attributes) if attributes else None})
        self._feed.after_change(customer)

    def upsert_user(
        self,
        customer: str,
        user: str,
        *,
        name: str | None = None,
        email: str | None = None,
        buyer: bool | None = None,
    ) -> None:
        """Tell the server about a person in an account, and whether they may buy.

        >>> # client.upsert_user("acme", "u1", email="u1@acme.example", buyer=True)
        """
        check_identifier(customer, what="customer")
        check_identifier(user, what="user")
        self._feed.api().upsert_user(customer, user, {"name": name, "email": email, "buyer": buyer})
        self._feed.after_change(customer)

    def refresh(self, customer: str | None = None) -> None:
        """Fetch the present state of a customer now, and without one the bound customer's and the catalogue.

        Raises when the server cannot be asked. Changes arrive by themselves; this is for who cannot wait a second.

        >>> # client.refresh("acme")
        """
        if customer is None:
            self._feed.loader.refresh_snapshot()
            binding = self.binding
            customer = binding.customer if binding is not None else None
        if customer is not None:
            self._feed.loader.refresh(check_identifier(customer, what="customer"))

    def order(  # noqa: PLR0913 - fields of an order, all by keyword
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
        """Order a plan or an add-on for the bound customer, or for the one named.

        With the same ``idempotency_key`` the same order is answered again instead of a second one being placed.

        >>> # order = client.order(plan="pro", interval="month", quantity=5)
        """
        if customer is None:
            binding = self._need_binding()
            customer, user = binding.customer, user or binding.user
        fields = {
            "customer": check_identifier(customer, what="customer"),
            "user": user,
            "plan": plan,
            "addon": addon,
            "interval": interval,
            "currency": currency,
            "quantity": quantity,
        }
        order = self._feed.api().place_order(fields, idempotency_key=idempotency_key or os.urandom(16).hex())
        self._feed.after_change(order.customer)
        return order

    def get_order(self, order: str) -> Order:
        """Return an order, and see at once what it brought if it has been completed.

        >>> # client.get_order(order.id).status
        """
        found = self._feed.api().order(check_identifier(order, what="order"))
        entry = self._feed.cache.find(found.customer)
        known = entry.state.version if entry is not None and entry.state is not None else None
        if known is not None and found.customer_version is not None and known < found.customer_version:
            self._feed.after_change(found.customer)
        return found

    def explain(self, gate: str, *, units: int | None = None, used: Reported | None = None) -> Explanation:
        """Ask the server why a gate answers as it does for the bound customer.

        >>> # for step in client.explain("reports.export").trace: print(step.rule, step.detail)
        """
        binding = self._need_binding()
        fields = {
            "customer": binding.customer,
            "gate": gate,
            "user": binding.user,
            "units": units,
            "used": dict(used) if isinstance(used, Mapping) else used,
            "language": binding.reader.language,
        }
        return self._feed.api().explain(fields)

    def flush(self, seconds: float = 5.0) -> bool:
        """Deliver now what was recorded and counted; return whether the server has it all within that time.

        >>> # client.flush(seconds=2)
        """
        return self._feed.flush(seconds=seconds)

    def close(self) -> None:
        """End the background work, within two and a half seconds whatever the server does. Checks go on answering.

        >>> # client.close()
        """
        self._feed.close()

    def _counter(self) -> Meter:
        return self._feed.meter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
