"""Hypothesis strategies for everything the engine takes and gives: any VALID catalogue, snapshot, state, decision.

``catalogue_documents()`` and ``catalogues()``, ``snapshots()``, ``customer_states(snapshot)``, ``decisions()`` and
``payloads()`` are what tests draw from; ``json_values()`` and ``spoiled(document)`` make what must be refused.
"""

from __future__ import annotations

from tests.engine.answer_strategies import decisions, payloads
from tests.engine.catalogue_strategies import catalogue_documents, catalogues, snapshots
from tests.engine.state_strategies import customer_states
from tests.engine.value_strategies import instants, json_values, keys, spoiled, texts, whole_numbers

__all__ = [
    "catalogue_documents",
    "catalogues",
    "customer_states",
    "decisions",
    "instants",
    "json_values",
    "keys",
    "payloads",
    "snapshots",
    "spoiled",
    "texts",
    "whole_numbers",
]
