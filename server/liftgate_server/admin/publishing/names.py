"""What people, plans and features are called beside what is published."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.engine.catalogue_model import Catalogue
from liftgate.engine.reader import Reader
from liftgate_server.admin.framing import visitor
from liftgate_server.admin.wording import product_name

__all__ = ["Names", "author"]

# As long as the tables keep it.
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called in a catalogue that is to be published, else in the one that is live."""

    catalogue: Catalogue
    live: Catalogue
    reader: Reader

    def product(self, key: str) -> str:
        """Return what a plan or add-on is called."""
        return product_name(self.catalogue, key, self.reader) or product_name(self.live, key, self.reader) or key

    def effect(self, sentence: str) -> str:
        """Return what changes in a feature with its name; the sentence begins with its key."""
        key, _space, words = sentence.partition(" ")
        feature = self.catalogue.features.get(key) or self.live.features.get(key)
        return sentence if feature is None else f"{self.reader.name(feature.name)}: {words}"


def author() -> str:
    """Return the name that stands beside what the visitor publishes."""
    return visitor().name[:_LONGEST_NAME]
