"""`liftgate doctor usage`: does the ledger agree with what is kept beside it?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import click

from liftgate_server.access.queries import Environment, all_environments, environment_by_key
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.plumbing.migrating import current_revision, wanted_revision
from liftgate_server.usage.examination import Difference, Examined, examine_customer, examined_customers
from liftgate_server.usage.repair import repair_customer

_TOLD_EVERY_CUSTOMERS = 20


@dataclass(slots=True)
class _Total:
    """What was seen so far; the differences are written as they are found and not kept."""

    customers: int = 0
    events: int = 0
    counters: int = 0
    differences: int = 0
    repaired: int = 0

    def add(self, examined: Examined) -> None:
        self.customers += 1
        self.events += examined.events
        self.counters += examined.counters
        self.differences += len(examined.differences)

    @property
    def ok(self) -> bool:
        return self.differences == self.repaired


@click.command()
@click.option("--customer", help="Examine this customer only.")
@click.option("--environment", "key", help="Examine this environment only.  [default: all]")
@click.option("--repair", is_flag=True, help="Make counters, days and held units equal to the ledger.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON: a line for each difference, then one for the whole.")
def usage(*, customer: str | None, key: str | None, repair: bool, as_json: bool) -> None:
    """Compare the ledger of usage with its counters, its days and the units that reservations hold.

    Each difference is a line. Ends with 1 when there is one that was not repaired, otherwise with 0. The ledger itself
    is never changed; what a repair changed is in the audit log.
    """
    total = _Total()
    with opened_server(read_config(installs=False), upgrades=False):
        if current_revision() != wanted_revision():
            raise click.ClickException("The schema is not the newest. Run: liftgate db upgrade")
        for environment in all_environments() if key is None else (environment_by_key(key),):
            for name in examined_customers(environment.id) if customer is None else (customer,):
                _examine(environment, name, total, repair=repair, as_json=as_json)
    _clear_progress()
    if customer is not None and not total.events and not total.counters:
        # It agrees with nothing, which a misspelt id does too.
        click.echo(f"Nothing is counted of the customer {customer!r}.", err=True)
    if as_json:
        click.echo(json.dumps({"ok": total.ok, **asdict(total)}))
    else:
        click.echo(_verdict(total))
    if not total.ok:
        raise SystemExit(1)


def _examine(environment: Environment, customer: str, total: _Total, *, repair: bool, as_json: bool) -> None:
    examined = examine_customer(environment.id, customer)
    total.add(examined)
    repaired: Iterable[Difference] = ()
    if repair and examined.differences:
        repaired = set(repair_customer(environment.id, customer))
    for difference in examined.differences:
        is_repaired = difference in repaired
        total.repaired += is_repaired
        _clear_progress()
        written = _as_json if as_json else _as_text
        click.echo(written(environment, customer, difference, is_repaired=is_repaired))
    if total.customers % _TOLD_EVERY_CUSTOMERS == 0:
        _tell_progress(total)


def _as_json(environment: Environment, customer: str, difference: Difference, *, is_repaired: bool) -> str:
    told = {"environment": environment.key, "customer": customer, **asdict(difference), "repaired": is_repaired}
    return json.dumps(told)


def _as_text(environment: Environment, customer: str, difference: Difference, *, is_repaired: bool) -> str:
    whose = f"{customer}/{difference.user}" if difference.user else customer
    says = f"says {difference.kept}, the ledger {difference.counted}"
    return " ".join(
        (
            "well" if is_repaired else "ILL ",
            f" {environment.key} {whose} {difference.feature}:",
            f"{difference.what} of {difference.place} {says}" + ("; repaired" if is_repaired else ""),
        )
    )


def _verdict(total: _Total) -> str:
    seen = f"{total.customers} customers, {total.counters} counters, {total.events} rows of the ledger"
    if total.differences == 0:
        return f"well  usage: all agree ({seen})"
    if total.ok:
        return f"well  usage: {total.repaired} differences repaired ({seen})"
    left = total.differences - total.repaired
    return (
        f"ILL   usage: {left} differences ({seen})\n      Run with --repair to make what is kept equal to the ledger."
    )


def _differences(number: int) -> str:
    return "1 difference" if number == 1 else f"{number} differences"


def _tell_progress(total: _Total) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{total.customers} customers, {total.events} rows of the ledger", nl=False, err=True)


def _clear_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
