"""What the documents show of counting use runs, and does what they say."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

import liftgate
from liftgate.testing import TestClient

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "host-apps.md"
FEATURES = {
    "exports": {"kind": "metered", "name": {"en": "Exports"}},
    "render_minutes": {"kind": "metered", "name": {"en": "Minutes"}},
    "api_calls": {"kind": "metered", "name": {"en": "Calls"}},
    "seats": {"kind": "capacity", "name": {"en": "Seats"}},
    "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
}
ENTITLEMENTS = {
    "exports": {"limit": 4, "per": "month"},
    "render_minutes": {"limit": 20, "per": "month"},
    "api_calls": {"limit": 10, "per": "month"},
    "seats": 20,
}
CATALOGUE = {
    "schema": 1,
    "languages": ["en"],
    "default_plan": "free",
    "features": FEATURES,
    "plans": {"free": {"name": {"en": "Free"}, "rank": 0, "entitlements": ENTITLEMENTS}},
    "gates": {"reports.export": {"requires": "exports"}},
}


def snippets() -> list[str]:
    section = re.search(r"^## Counting use\n(.*?)^## ", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert section is not None
    return re.findall(r"^```python\n(.*?)^```", section.group(1), re.MULTILINE | re.DOTALL)


@pytest.fixture
def lg() -> TestClient:
    return TestClient(CATALOGUE)


@pytest.fixture
def said(lg, monkeypatch) -> dict[str, Any]:
    """What the documented code leaves behind."""
    monkeypatch.setattr(liftgate, "Client", lambda **_settings: lg)
    names: dict[str, Any] = {"lg": lg, "liftgate": liftgate, "render": lambda: 7, "show": lambda offer: offer}
    with lg.customer("acme"):
        for snippet in snippets():
            exec(snippet, names)  # noqa: S102 - our own documents
    return names


def test_it_counts_what_it_says(lg, said):
    with lg.customer("acme"):
        used = {feature: lg.check(feature).used for feature in ("exports", "render_minutes", "api_calls", "seats")}

    assert used == {"exports": 2, "render_minutes": 7, "api_calls": 12, "seats": 12}


def test_what_is_defined_there_runs(lg, said):
    with lg.customer("acme"):
        said["export_report"]([])
        asyncio.run(said["handle_export"]())
        with pytest.raises(liftgate.UpgradeRequired):
            said["export_report"]([])

        assert (lg.check("exports").used, lg.check("render_minutes").used) == (4, 14)
