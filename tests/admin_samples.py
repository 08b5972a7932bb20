"""What stands for the variables of the pages' addresses in tests: things that exist on the sample site.

Whoever adds a page with a new variable adds its sample here; the matrices fail on one that has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.people import create_person, make_reset_link
from liftgate_server.access.queries import environment_by_key, list_keys
from liftgate_server.access.sign_ins import start_sign_in
from liftgate_server.demo.seed import ENVIRONMENT, seed

PASSWORD = "a sentence that is long enough"
# Nobody has it in the demo's environment, nor anywhere else.
NO_ROLE = "none"
ROLES = (*(role.value for role in Role), NO_ROLE)

# Answers to GET that are files to save and no pages.
DOWNLOADS = frozenset(f"admin_customers.{name}" for name in ("export_account", "download_history", "download_ledger"))

Sample = str | Callable[["Site"], str]


@dataclass(frozen=True)
class Site:
    """An environment with the demo's catalogue and customers, and a person of every role."""

    app: Flask
    environment: str
    people: Mapping[str, str]

    def sign_in(self, role: str) -> str:
        """Open a browser for the person of a role; give its token."""
        with self.app.app_context():
            return start_sign_in(self.people[role], address="127.0.0.1", browser="a test")

    def path_of(self, rule: Rule) -> str:
        own = SAMPLES_OF.get(rule.endpoint.removeprefix("admin_"), {})
        return re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", lambda found: self._sample(own, found[1], rule), rule.rule)

    def _sample(self, own: Mapping[str, Sample], variable: str, rule: Rule) -> str:
        sample = own.get(variable, SAMPLES.get(variable))
        assert sample is not None, f"tests/admin_samples.py has no sample for <{variable}> of {rule.rule}"
        return sample if isinstance(sample, str) else sample(self)


def make_site(app: Flask) -> Site:
    with app.app_context():
        seed(host_origin="http://127.0.0.1:5000")
        people = {
            role: create_person(f"{role}@example.com", f"{role.title()} Doe", role=_role(role)).id for role in ROLES
        }
    return Site(app, ENVIRONMENT, people)


def admin_rules(app: Flask, method: str) -> Iterator[Rule]:
    """Yield every rule of the areas that answers a method, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if getattr(view, "__liftgate_face__", None) == "admin" and method in (rule.methods or ()):
            yield rule


def _role(text: str) -> Role | None:
    return None if text == NO_ROLE else Role(text)


def _secret_key(site: Site) -> str:
    with site.app.app_context():
        keys = list_keys(environment_by_key(site.environment).id).items
        return next(key.id for key in keys if key.kind is CallerKind.SECRET)


def _link(site: Site) -> str:
    with site.app.app_context():
        return make_reset_link(site.people["viewer"]).token


# By variable, for every page that has it.
SAMPLES: dict[str, Sample] = {
    "environment": ENVIRONMENT,
    "token": _link,
    # shell
    "key_id": _secret_key,
    "person": lambda site: site.people["viewer"],
    "of": ENVIRONMENT,
    "sign_in": "sig_of_another_browser",
    # catalogue
    "plan": "pro",
    "feature": "boards",
    "addon": "extra_exports",
    "gate": "boards.create",
    "offer": "limit_reached",
    "version": "1",
    # publishing
    "publication": "sch_that_is_not_there",
    "effect": "losses",
    # customers
    "customer": "harbour",
    "user": "owner",
    "order": "ord_that_is_not_there",
    "grant": "grt_that_is_not_there",
}
# By `area.view`, where the same variable means something else.
SAMPLES_OF: dict[str, dict[str, Sample]] = {}
