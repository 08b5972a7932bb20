"""The accounts of one page of a list, each with what a publication changes for it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from liftgate.engine.catalogue_model import version_name
from liftgate_server.catalog.phrases import say
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.publishing.account_pages import HeldAddOn, addons_of, levels_of, plans_of, shields_of
from liftgate_server.publishing.consequences import Foresight
from liftgate_server.publishing.effects import Level, Shift, shift_words
from liftgate_server.publishing.facts import AffectedAccount, Effect

__all__ = ["describe_accounts"]


def describe_accounts(
    foresight: Foresight, effect: Effect, accounts: Sequence[tuple[str, str | None]]
) -> tuple[AffectedAccount, ...]:
    """Say for each account, given by id and name, what the effect is on it."""
    page = _Page.read(foresight, [customer for customer, _ in accounts])
    return tuple(
        AffectedAccount(
            customer=customer,
            name=name,
            plan=(standing := page.standing(customer))[0],
            version=standing[1],
            details=tuple(page.details(customer, effect)),
        )
        for customer, name in accounts
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """What is known of the accounts of one page, read in a few statements for all of them."""

    foresight: Foresight
    plans: dict[str, tuple[str, int]]
    addons: dict[str, list[HeldAddOn]]
    shields: frozenset[tuple[ProductKind, str, str]]
    levels: dict[tuple[str, str], int]

    @classmethod
    def read(cls, foresight: Foresight, customers: list[str]) -> _Page:
        environment_id, at = foresight.environment_id, foresight.at
        return cls(
            foresight=foresight,
            plans=plans_of(environment_id, customers, at),
            addons=addons_of(environment_id, customers, at),
            shields=shields_of(environment_id, customers, at),
            levels=levels_of(environment_id, customers, foresight.consequences.levels.features),
        )

    def standing(self, customer: str) -> tuple[str | None, int | None]:
        """Return the plan version that the account has before."""
        held = self.plans.get(customer)
        if held is None:
            return self.foresight.before.default_plan, None
        shift = self._shift(ProductKind.PLAN, held)
        return held[0], held[1] if shift is None else shift.from_version

    def details(self, customer: str, effect: Effect) -> Iterator[str]:
        if effect is Effect.OVER_LIMIT:
            yield from self._excesses(customer)
            return
        for shift in self._shifts(customer):
            if effect is Effect.MOVES:
                old, new = version_name(shift.key, shift.from_version), version_name(shift.key, shift.to_version or 0)
                yield f"{old} → {new}"
            else:
                wanted = [key for key in shift.features(effect) if (shift.kind, customer, key) not in self.shields]
                yield from shift_words(shift, self.foresight.features, wanted, self.foresight.language)

    def _shifts(self, customer: str) -> Iterator[Shift]:
        held = self.plans.get(customer)
        plan = self.foresight.consequences.following if held is None else self._shift(ProductKind.PLAN, held)
        if plan is not None:
            yield plan
        for addon in self.addons.get(customer, ()):
            shift = self._shift(ProductKind.ADDON, addon.version)
            if shift is not None:
                yield shift

    def _shift(self, kind: ProductKind, held: tuple[str, int]) -> Shift | None:
        key, version = held
        shifts = self.foresight.consequences.of_kind(kind)
        return next((shift for shift in shifts if shift.key == key and version in shift.pinned), None)

    def _excesses(self, customer: str) -> Iterator[str]:
        held, levels = self.plans.get(customer), self.foresight.consequences.levels
        for level in levels.of_plans:
            is_theirs = level.follows if held is None else held in level.pinned
            used = self.levels.get((customer, level.feature), 0)
            extras = levels.extras.get(level.feature, {})
            limit = level.after + sum(
                extras[addon.version].after * addon.quantity
                for addon in self.addons.get(customer, ())
                if addon.version in extras
            )
            if is_theirs and used > limit and (ProductKind.PLAN, customer, level.feature) not in self.shields:
                yield self._excess(level, used, limit)

    def _excess(self, level: Level, used: int, limit: int) -> str:
        language, values = self.foresight.language, {"feature": level.feature, "used": used, "limit": limit}
        if limit != level.after:
            return say("{feature}: {used} in use, {limit} with the add-ons", language, **values)
        return say("{feature}: {used} in use, {limit} in the plan", language, **values)
