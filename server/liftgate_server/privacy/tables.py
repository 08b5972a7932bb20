"""Every table that knows somebody: how it is exported, and what becomes of its rows when that one is forgotten.

A structural test holds this list against the tables there are, so a new table with a customer in it has to say here
what is owed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sqlalchemy import Column, Table

from liftgate_server.billing.models import OrderRow
from liftgate_server.customers.models import (
    AddOnPhaseRow,
    CustomerRow,
    CustomerUserRow,
    GrantRow,
    MrrChangeRow,
    PlanPhaseRow,
)
from liftgate_server.plumbing.db import Model
from liftgate_server.usage.models import (
    GateHourRow,
    RefusedAccountRow,
    ReportedLevelRow,
    UsageCounterRow,
    UsageCrossingRow,
    UsageDayRow,
    UsageEventRow,
    UsageReservationRow,
)

__all__ = ["ACCOUNT", "HOLDINGS", "PERSONAL_TABLES", "USAGE", "PersonalTable"]


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """One table, and what is personal in it.

    - ``kind``: what its rows are called in an export.
    - ``customer``: the column with the account; ``users``: those with people of the account.
    - ``deciders``: those with a person of the account or somebody of the operator's, told apart by nothing.
    - ``keys``: keys that the host has chosen.
    - ``documents``: JSON in which the account or the row's own person may stand; what the host sent goes out of it.
    - ``blank``: what free text and content of the host's becomes.
    - ``is_dropped``: the rows go instead of staying under the pseudonym: they count nothing.
    - ``sums``, ``newest``: how a row that meets one under the pseudonym joins it; without them the newer row goes.
    - ``hidden``: columns that are left out of an export because they say nothing to anybody.
    """

    kind: str
    row: type[Model]
    customer: str = "customer"
    users: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    blank: Mapping[str, Any] = field(default_factory=dict)
    is_dropped: bool = False
    sums: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    @property
    def table(self) -> Table:
        return cast("Table", self.row.__table__)

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def key(self) -> tuple[Column[Any], ...]:
        return tuple(self.table.primary_key)


_DIGEST: Final = frozenset({"digest"})

ACCOUNT: Final = PersonalTable(
    "customer",
    CustomerRow,
    customer="id",
    blank={"name": None, "search_name": None, "language": None, "attributes": {}, "next_change_at": None},
    hidden=frozenset({"search_id", "search_name"}),
)

# What the account's state is made from: these change within one transaction.
HOLDINGS: Final = (
    PersonalTable("user", CustomerUserRow, users=("id",), is_dropped=True),
    PersonalTable("plan_phase", PlanPhaseRow),
    PersonalTable("addon_phase", AddOnPhaseRow),
    PersonalTable("grant", GrantRow, blank={"reason": None}),
    PersonalTable("mrr_change", MrrChangeRow),
    PersonalTable("order", OrderRow, users=("user",), deciders=("decided_by",)),
)

# What was counted: as many rows as there was use, so these change batch by batch. The entries go first: a counter that
# is missing is made from those that are there.
USAGE: Final = (
    PersonalTable(
        "usage_event",
        UsageEventRow,
        users=("user",),
        keys=("key", "of_key"),
        documents=("receipt",),
        blank={"properties": None},
        hidden=_DIGEST,
    ),
    PersonalTable(
        "usage_reservation",
        UsageReservationRow,
        users=("user",),
        keys=("key",),
        documents=("receipt",),
        blank={"properties": None},
        hidden=_DIGEST,
    ),
    PersonalTable("usage_counter", UsageCounterRow, users=("user",), sums=("used", "held"), newest=("level_at",)),
    PersonalTable("usage_crossing", UsageCrossingRow, users=("user",), blank={"announced": True}),
    PersonalTable("usage_day", UsageDayRow, users=("user",), sums=("units", "uses"), newest=("last_at",)),
    PersonalTable("gate_hour", GateHourRow, sums=("times",), newest=("last_at",)),
    PersonalTable("refused_account", RefusedAccountRow, newest=("last_at", "refused_at", "observed_at")),
    PersonalTable("reported_level", ReportedLevelRow, is_dropped=True),
)

PERSONAL_TABLES: Final = (ACCOUNT, *HOLDINGS, *USAGE)
