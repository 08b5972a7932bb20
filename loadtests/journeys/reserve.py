"""The jobs that reserve three units, work for a moment, and commit one of them, or let all go."""

from __future__ import annotations

import random

from locust import between, task

from loadtests.journeys.metering import Metering
from loadtests.usage_accounts import LIMITED

_RESERVED = 3
_LET_GO_SHARE = 0.3


class Job(Metering):
    wait_time = between(0.001, 0.01)

    @task
    def reserve_and_settle(self) -> None:
        customer = self.someone()
        fields = {"customer": customer, "feature": LIMITED, "quantity": _RESERVED, "expires_in_seconds": 60}
        reserved = self.ask("/v1/usage/reserve", fields, counts=False)
        if reserved is None:
            return
        held = {"customer": customer, "reservation": reserved["reservation"]}
        if random.random() < _LET_GO_SHARE:  # noqa: S311 - what becomes of a job
            self.settle("/v1/usage/reservations/release", held, counts=False)
        else:
            self.settle("/v1/usage/reservations/commit", {**held, "quantity": 1}, counts=True)
