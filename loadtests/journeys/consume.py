"""The members of accounts that consume one unit after the other, until the limit refuses, and then go on trying."""

from __future__ import annotations

from locust import between, task

from loadtests.journeys.metering import Metering
from loadtests.usage_accounts import LIMITED


class Member(Metering):
    wait_time = between(0.001, 0.01)

    @task
    def consume(self) -> None:
        self.ask("/v1/usage/consume", {"customer": self.someone(), "feature": LIMITED, "quantity": 1}, counts=True)
