"""The demo's environment: the catalogue, keys, and customers in the states that Corkboard's accounts tell of."""

# size: it makes something of every room, each of which is one import

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import GrantKind
from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.catalog.document import read_source
from liftgate_server.catalog.service import publish
from liftgate_server.customers.grant_service import CreateGrant, create_grant
from liftgate_server.customers.service import UpsertCustomer, UpsertUser, upsert_customer, upsert_user
from liftgate_server.customers.subscription_service import StartSubscription, cancel_subscription, start_subscription
from liftgate_server.customers.timeline import When
from liftgate_server.demo.host.workspace import Account, accounts
from liftgate_server.demo.used import add_use
from liftgate_server.plumbing.clock import now

__all__ = ["ENVIRONMENT", "DemoKeys", "seed"]

ENVIRONMENT = "demo"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The keys of the throw-away environment: one for the host app, one to look around with."""

    secret: str
    management: str


def seed(*, host_origin: str) -> DemoKeys:
    """Fill an empty database for the demo; the host app's origin may call the client face."""
    environment = create_environment(
        NewEnvironment(ENVIRONMENT, "Demo", allowed_origins=[host_origin], self_confirm=True)
    )
    text = (files("liftgate_server.demo") / "catalogue.yaml").read_bytes()
    publish(environment.id, read_source(text, is_json=False), message="The demo's catalogue")
    for account in accounts():
        _add_account(environment.id, account)
    _subscribe(environment.id)
    add_use(environment.id)
    return DemoKeys(
        secret=create_key(environment.id, CallerKind.SECRET, name="Corkboard").text,
        management=create_key(environment.id, CallerKind.MANAGEMENT, name="Looking around", role=Role.OWNER).text,
    )


def _add_account(environment_id: int, account: Account) -> None:
    upsert_customer(
        environment_id, account.id, UpsertCustomer(name=account.name, language=account.language, currency="EUR")
    )
    upsert_user(environment_id, account.id, "owner", UpsertUser(buyer=True))
    upsert_user(environment_id, account.id, "member", UpsertUser(buyer=False))


def _subscribe(environment_id: int) -> None:
    pro = StartSubscription("pro", Recurrence.MONTH)
    start_subscription(environment_id, "harbour", pro)
    start_subscription(environment_id, "lantern", pro)
    cancel_subscription(environment_id, "lantern", when=When.PERIOD_END)
    trial = CreateGrant(
        kind=GrantKind.TRIAL, plan="business", ends_at=now() + timedelta(days=9), reason="Asked for it at a fair"
    )
    create_grant(environment_id, "redwood", trial)
