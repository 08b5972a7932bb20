"""What a refusal is about, as one small value that can be put into words, and remembered."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.engine.catalogue_model import AddOn, Cap, Catalogue, Entitlement, Feature, Plan
from liftgate.engine.decision import Reason
from liftgate.engine.facts import Facts
from liftgate.engine.identity import Identical
from liftgate.engine.pricing import Buyer
from liftgate.engine.reader import Reader
from liftgate.engine.wording import Wording, shown_limit, wording_of

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused feature, and the step that would lift the refusal.

    ``offered`` is the feature by which the step opens the gate: the refused one, or another where any suffices.
    ``is_ahead`` says that nothing is refused yet: it is told before, while something is left.
    """

    catalogue: Identical[Catalogue]
    feature_key: str
    offered_key: str
    held: Identical[Plan | None]
    offer: Identical[Plan | AddOn | None]
    quantity: int
    facts: Facts
    buyer: Buyer
    reader: Reader
    is_ahead: bool = False

    @property
    def feature(self) -> Feature:
        """The refused feature."""
        return self.catalogue.value.features[self.feature_key]

    @property
    def words(self) -> Wording:
        """The words for the refused feature."""
        return wording_of(self.feature, self.reader)

    @property
    def offered(self) -> Feature:
        """The feature that the step gives."""
        return self.catalogue.value.features[self.offered_key]

    @property
    def offered_words(self) -> Wording:
        """The words for the feature that the step gives."""
        return wording_of(self.offered, self.reader)

    @property
    def offers_refused(self) -> bool:
        """Whether the step gives more of the very feature that was refused."""
        return self.offered_key == self.feature_key

    @property
    def plan(self) -> Plan | None:
        """The plan that the customer is on."""
        return self.held.value

    @property
    def product(self) -> Plan | AddOn | None:
        """What would lift the refusal."""
        return self.offer.value

    @property
    def product_name(self) -> str:
        """The name of what is offered, with the number of units where there are several."""
        name = "" if self.product is None else self.reader.name(self.product.name)
        return name if self.quantity == 1 else f"{self.quantity} × {name}"

    @property
    def is_exhausted(self) -> bool:
        """Whether a limit is in the way; a limit of nothing counts as not included."""
        return self.facts.reason in (Reason.LIMIT_REACHED, Reason.OVER_LIMIT) and bool(self.facts.limit)

    @property
    def is_over(self) -> bool:
        """Whether even what exists cannot be used any more, because it is above the limit."""
        return self.is_exhausted and self.facts.reason is Reason.OVER_LIMIT

    @property
    def is_short(self) -> bool:
        """Whether something is left, but less than was asked for."""
        used, limit = self.facts.used, self.facts.limit
        return self.is_exhausted and not self.is_ahead and used is not None and limit is not None and used < limit

    @property
    def had(self) -> Entitlement | None:
        """What the customer's plan says about the feature."""
        return None if self.plan is None else self.plan.entitlements.get(self.feature_key)

    @property
    def given(self) -> Entitlement | None:
        """What the product gives of the feature that is offered."""
        return None if self.product is None else self.product.entitlements.get(self.offered_key)

    @property
    def binding_cap(self) -> Cap | None:
        """The plan's cap that the numbers are about, where the plan alone gives them and it is certain."""
        caps = self.had.caps if self.facts.alone and self.had is not None else ()
        fitting = [cap for cap in caps if shown_limit(cap) == self.facts.limit]
        return fitting[0] if len(fitting) == 1 else None
