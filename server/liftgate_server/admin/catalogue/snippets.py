"""What a developer pastes: a gate in Python, and the same gate as YAML."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import Catalogue, Gate
from liftgate_server.catalog.yaml_writer import write_yaml

__all__ = ["EXAMPLE_DOCUMENT", "python_snippet", "yaml_snippet"]

EXAMPLE_DOCUMENT = """\
features:
  exports: {kind: metered, name: {en: Exports}}
plans:
  free:
    name: {en: Free}
    rank: 0
    entitlements:
      exports: {limit: 5, per: month}
gates:
  reports.export: {requires: exports}
"""


def python_snippet(gate: Gate, catalogue: Catalogue) -> str:
    """Return how a host app asks this gate: around a function, and with its own count where the gate counts."""
    name = gate.key.replace(".", "_").replace("-", "_")
    lines = [f'@lg.gate("{gate.key}")', f"def {name}():", "    ..."]
    counted = [need for need in gate.requirements if _is_counted(catalogue, need.feature)]
    if counted:
        lines += ["", f'decision = lg.check("{gate.key}", used=count_{counted[0].feature.replace(".", "_")}())']
    else:
        lines += ["", f'decision = lg.check("{gate.key}")']
    return "\n".join([*lines, "if not decision:", "    show(decision.offer)"])


def yaml_snippet(section: str, key: str, document: Mapping[str, object]) -> str:
    """Return one part of the catalogue as it stands in the file."""
    return write_yaml({section: {key: document}}).rstrip("\n")


def _is_counted(catalogue: Catalogue, key: str) -> bool:
    feature = catalogue.features.get(key)
    return feature is not None and feature.kind.is_counted
