"""What entries of the ledger, thresholds and policies are called."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import Catalogue, FeatureKind
from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.state_words import Badge
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import name_of
from liftgate_server.usage.facts import Operation

__all__ = ["counted_name", "is_level", "operation_badge", "operation_options"]


def counted_name(catalogue: Catalogue, key: str, reader: Reader) -> str:
    """Return the name of a feature or value metric; what the catalogue no longer has is called by its key."""
    found = catalogue.features.get(key) or catalogue.value_metrics.get(key)
    return key if found is None else name_of(found.name, key, reader)


def is_level(catalogue: Catalogue, key: str) -> bool:
    """Tell whether what is counted goes up and down instead of being used up."""
    found = catalogue.features.get(key)
    return found is not None and found.kind is FeatureKind.CAPACITY


def operation_badge(operation: str, *, refused: bool) -> Badge:
    """Name what an entry did; what was refused used nothing."""
    if refused:
        return Badge(_("refused"), "red")
    known: Mapping[str, Badge] = {
        Operation.RECORD: Badge(_("recorded"), "grey"),
        Operation.CONSUME: Badge(_("consumed"), "indigo"),
        Operation.COMMIT: Badge(_("reserved and used"), "indigo"),
        Operation.REFUND: Badge(_("given back"), "green"),
        Operation.LEVEL: Badge(_("level set"), "grey"),
        Operation.INCREMENT: Badge(_("level changed"), "grey"),
        Operation.ADJUST: Badge(_("summed up"), "grey"),
    }
    return known.get(operation, Badge(operation, "grey"))


def operation_options() -> list[tuple[str, str]]:
    """Return the operations for a filter to choose from."""
    return [(operation.value, operation_badge(operation, refused=False).words) for operation in Operation]
