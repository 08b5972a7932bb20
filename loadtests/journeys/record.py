"""The hosts that record what was used in batches, packed, as the SDK sends them."""

from __future__ import annotations

from locust import between, task

from loadtests.journeys.metering import Metering
from loadtests.usage_accounts import BATCH, UNLIMITED


class Reporter(Metering):
    wait_time = between(0.01, 0.05)

    @task
    def report(self) -> None:
        events = [
            {"key": self.fresh_key(), "customer": self.someone(), "feature": UNLIMITED, "quantity": 1}
            for _ in range(BATCH)
        ]
        self.record(events)
