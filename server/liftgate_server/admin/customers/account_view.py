"""One account as its pages show it: the head that all of them share, and the first page itself."""

# size: the one place where everything about an account meets; each part of the page is one import

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from liftgate.engine.catalogue_model import Catalogue, FeatureKind
from liftgate.engine.notices import Notice, notices
from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.features import FeatureLine, feature_lines
from liftgate_server.admin.customers.grants_view import GrantLine, grant_lines
from liftgate_server.admin.customers.phases import PhaseLine, phase_lines
from liftgate_server.admin.customers.state_words import Badge, reason_words, status_badge
from liftgate_server.admin.framing import Role, reader_language, visitor
from liftgate_server.admin.wording import gate_name, product_name, reader_for_pages
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.customers import queries
from liftgate_server.customers.facts import Customer, Subscription
from liftgate_server.entitlements.effective import effective_access
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.paging import Page
from liftgate_server.usage.facts import MetGate, Outcome
from liftgate_server.usage.queries import gates_met, levels

__all__ = ["AccountHead", "AccountPage", "Refusal", "account_head", "account_page", "refusals_of"]

_REFUSALS_OF = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AccountHead:
    """What stands above every page of an account."""

    environment_id: int
    customer: Customer
    subscription: Subscription
    plan: str | None
    status: Badge
    catalogue: Catalogue
    reader: Reader

    @property
    def title(self) -> str:
        return self.customer.name or self.customer.id

    @property
    def currency(self) -> str | None:
        return self.subscription.currency or self.customer.currency

    @property
    def may_edit(self) -> bool:
        return visitor().may(Role.EDITOR)

    @property
    def has_newer_version(self) -> bool:
        """Whether the plan that is held has been published anew since."""
        current = self.subscription.current
        if current is None:
            return False
        newest = current_snapshot(self.environment_id).plan_versions.get(current.choice.plan)
        return newest is not None and newest != current.choice.plan_version


@dataclass(frozen=True, slots=True)
class Refusal:
    """Where the account was refused lately, or would have been."""

    gate: str
    words: str
    count: int
    last_at: object
    is_observed: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The first page of an account."""

    head: AccountHead
    features: tuple[FeatureLine, ...]
    phases: tuple[PhaseLine, ...]
    grants_page: Page[GrantLine]
    notices: tuple[Notice, ...]
    refusals: tuple[Refusal, ...]
    has_reported: bool

    @property
    def grants(self) -> tuple[GrantLine, ...]:
        return self.grants_page.items


def account_head(customer: str) -> AccountHead:
    """Gather the head; raises ``NotFound`` for an account nobody has told of."""
    environment_id = visitor().environment.id
    found = queries.customer(environment_id, customer)
    subscription = queries.subscription(environment_id, customer)
    catalogue = current_snapshot(environment_id).catalogue
    reader = reader_for_pages(reader_language(), catalogue.languages)
    held = subscription.current or subscription.last
    status = "none" if held is None else ("canceled" if subscription.current is None else held.status.value)
    return AccountHead(
        environment_id=environment_id,
        customer=found,
        subscription=subscription,
        plan=_plan_name(catalogue, subscription, reader),
        status=status_badge(status),
        catalogue=catalogue,
        reader=reader,
    )


def account_page(customer: str, *, grants_cursor: str | None = None) -> AccountPage:
    """Gather the first page of an account, in a fixed number of reads."""
    head = account_head(customer)
    environment_id, language = head.environment_id, reader_language()
    reported: Mapping[str, int] = levels(environment_id, customer)
    # Of what is used up per period the report may be of an earlier one, so only levels are held against the limits.
    features = current_snapshot(environment_id).catalogue.features
    capacities = [key for key, feature in features.items() if feature.kind is FeatureKind.CAPACITY]
    access = effective_access(environment_id, customer)
    counted = {feature for (feature, _user, _window), units in access.state.usage.items() if units}
    held = {key: reported[key] for key in capacities if key in reported and key not in counted}
    if held:
        # A host that tells its own counts instead of setting levels.
        access = effective_access(environment_id, customer, reported=held)
    # What the ledger counts goes before what the host has told.
    used = dict(reported) | {key: access.features[key].decision.used or 0 for key in counted & access.features.keys()}
    timeline = queries.situation(environment_id, customer).timeline
    grants = queries.grants(environment_id, customer, cursor=grants_cursor, limit=20)
    return AccountPage(
        head=head,
        features=feature_lines(access, used, language=language),
        phases=phase_lines(environment_id, timeline, head.reader, at=access.at),
        grants_page=Page(grant_lines(grants.items, head.catalogue, head.reader), grants.next_cursor),
        notices=notices(access.snapshot, access.state, at=access.at, language=language),
        refusals=refusals_of(head),
        has_reported=bool(used),
    )


def refusals_of(head: AccountHead) -> tuple[Refusal, ...]:
    """Return where the account was refused lately, the latest first."""
    met = gates_met(head.environment_id, head.customer.id, since=now() - _REFUSALS_OF)
    return tuple(_refusal(one, head) for one in met)


def _plan_name(catalogue: Catalogue, subscription: Subscription, reader: Reader) -> str | None:
    """Return the plan that applies: the subscribed one, else the default one."""
    key = catalogue.default_plan if subscription.current is None else subscription.current.choice.plan
    return None if key is None else product_name(catalogue, key, reader) or key


def _refusal(met: MetGate, head: AccountHead) -> Refusal:
    gate = gate_name(head.catalogue, met.gate, head.reader)
    return Refusal(gate, reason_words(met.reason), met.count, met.last_at, met.outcome is Outcome.OBSERVED)
