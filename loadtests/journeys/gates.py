"""The users of an app behind gates: most pages open, some refused with the modal's payload."""

from __future__ import annotations

import itertools

from locust import FastHttpUser, between, task

from loadtests.host_app import ACCOUNTS

PAYMENT_REQUIRED = 402
numbers = itertools.count()


class Member(FastHttpUser):
    """Works in one of the accounts, all of which are on the plan that lacks the closed pages."""

    wait_time = between(0.01, 0.05)

    def on_start(self) -> None:
        self.headers = {"X-Account": f"account-{next(numbers) % ACCOUNTS}"}

    @task(10)
    def open_page(self) -> None:
        self.client.get("/open", headers=self.headers)

    @task(3)
    def navigation(self) -> None:
        self.client.get("/navigation", headers=self.headers)

    @task(2)
    def closed_page(self) -> None:
        with self.client.get("/closed", headers=self.headers, catch_response=True) as answer:
            if answer.status_code == PAYMENT_REQUIRED and (answer.json() or {}).get("payload"):
                answer.success()
            else:
                answer.failure(f"expected 402 with a payload, got {answer.status_code}: {answer.text}")
