"""A client for the tests of host apps: no server, a catalogue from a dict, a clock to turn.

>>> # @pytest.fixture
>>> # def lg(monkeypatch):
>>> #     client = liftgate.testing.TestClient(catalogue=CATALOGUE)
>>> #     monkeypatch.setattr("shop.gating.lg", client)
>>> #     return client
>>> #
>>> # def test_export_needs_pro(lg):
>>> #     with lg.customer("acme"), pytest.raises(liftgate.UpgradeRequired):
>>> #         export()
>>> #     lg.subscribe("acme", "pro")
>>> #     with lg.customer("acme"):
>>> #         export()
"""

from __future__ import annotations

from liftgate.testing.client import TestClient
from liftgate.testing.clock import TestClock

__all__ = ["TestClient", "TestClock"]
