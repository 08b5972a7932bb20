"""What hosts reported of a gate, on its page: how many would have been refused, who, and why."""

from __future__ import annotations

import pytest

from liftgate_server.admin.catalogue.gate_views import _ACCOUNTS
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.usage.facts import GateReport, Outcome, Report
from liftgate_server.usage.service import take_report
from tests.server.conftest import START

GATE = "settings.sso"


@pytest.fixture
def reported(app, published):
    """Let a host have reported calls of a gate by as many accounts as fill one page and begin the next."""

    def report(outcome: Outcome) -> None:
        calls = tuple(
            GateReport(GATE, f"account-{number:02}", START, outcome, "not_included", 3)
            for number in range(_ACCOUNTS + 1)
        )
        with app.app_context():
            take_report(published.id, Report(f"batch-{outcome}", b"digest", calls))

    return report


def test_an_observed_gate_says_what_enforcing_it_would_have_refused(reader, reported):
    reader.send(f"/gates/{GATE}", f"/gates/{GATE}", **{"requires[0].feature": "sso", "mode": "observe"})
    reported(Outcome.OBSERVED)
    text = reader.get(f"/gates/{GATE}").text
    assert "Enforced, the gate would have refused 63 calls in the last 7 days." in text
    assert "Enforce this gate" in text
    assert "<strong>21</strong> accounts concerned" in text
    assert "Accounts that would have been refused" in text


def test_an_account_stands_there_by_its_name(app, published, reader, reported):
    with app.app_context():
        upsert_customer(published.id, "account-05", UpsertCustomer(name="Harbour Lights"))
    reported(Outcome.REFUSED)
    text = reader.get(f"/gates/{GATE}").text
    assert ">Harbour Lights</a>" in text
    assert ">account-06</a>" in text


def test_the_accounts_of_a_gate_are_paged(reader, reported):
    reported(Outcome.REFUSED)
    first = reader.get(f"/gates/{GATE}").text
    assert "Accounts that were refused" in first
    assert first.count(">account-") == _ACCOUNTS
    assert 'rel="next"' in first


def test_the_list_tells_each_gate_apart(reader, reported):
    reported(Outcome.REFUSED)
    text = reader.get("/gates").text
    assert '<td class="number" data-label="Refused">63</td>' in text
    assert text.count('data-label="Refused">0</td>') == 5
