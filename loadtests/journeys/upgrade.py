"""The upgrade, as the widget goes through it: a closed gate, the modal's payload, the order, the open gate."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

from locust import FastHttpUser, between, task

from liftgate.configuration import parse_key
from liftgate.tokens import TokenMint
from loadtests.bench import sample

SECRET_KEY = os.environ["LIFTGATE_LOAD_SECRET_KEY"]
CLOSED_GATE = os.environ["LIFTGATE_LOAD_CLOSED_GATE"]
TOKEN_SECONDS = 600
numbers = itertools.count()


class Buyer(FastHttpUser):
    """Belongs to a new account each time, because an account upgrades once."""

    wait_time = between(0.05, 0.2)
    mint = TokenMint(parse_key(SECRET_KEY))

    @task
    def upgrade(self) -> None:
        customer = f"load-{os.getpid()}-{next(numbers)}"
        self.tell_about(customer)
        token = self.mint.mint(
            customer, user=sample.USER, is_buyer=True, language="en", now=time.time(), ttl_seconds=TOKEN_SECONDS
        )
        headers = {"Authorization": f"Bearer {token}"}
        offer = self.meet_closed_gate(headers)
        if offer is None:
            return
        option = next(option for option in offer["content"]["options"] if option["selected"])
        fields = {key: option[key] for key in ("plan", "interval", "currency")}
        order = self.post("/v1/client/orders", {**fields, "gate": CLOSED_GATE}, headers)
        if order is not None:
            self.post(
                f"/v1/client/orders/{order['id']}/confirm", None, headers, name="/v1/client/orders/[order]/confirm"
            )
            self.meet_open_gate(headers)

    def tell_about(self, customer: str) -> None:
        self.client.put(
            f"/v1/customers/{customer}",
            json={"name": customer},
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
            name="/v1/customers/[customer]",
        )

    def meet_closed_gate(self, headers: dict[str, str]) -> dict[str, Any] | None:
        """Return what the modal would show; anything but a refusal with something to buy is a failure."""
        with self.client.post(
            "/v1/client/check",
            json={"gate": CLOSED_GATE},
            headers=headers,
            name="/v1/client/check (closed)",
            catch_response=True,
        ) as answer:
            found = answer.json() or {}
            offer: dict[str, Any] | None = found.get("offer")
            if not offer or found["decision"]["granted"] or not offer["content"].get("options"):
                answer.failure(f"expected a refusal with options: {answer.text}")
                return None
            return offer

    def meet_open_gate(self, headers: dict[str, str]) -> None:
        with self.client.post(
            "/v1/client/check",
            json={"gate": CLOSED_GATE},
            headers=headers,
            name="/v1/client/check (opened)",
            catch_response=True,
        ) as answer:
            if not ((answer.json() or {}).get("decision") or {}).get("granted"):
                answer.failure(f"expected the gate to be open: {answer.text}")

    def post(
        self, path: str, body: dict[str, Any] | None, headers: dict[str, str], name: str | None = None
    ) -> dict[str, Any] | None:
        answer = self.client.post(path, json=body, headers=headers, name=name)
        found: dict[str, Any] | None = answer.json() if answer.ok else None
        return found
