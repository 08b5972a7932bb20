"""What an account uses: bars, history, ledger and files, whose work does not grow with the past; and forgetting it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.queries import environment_by_key
from liftgate_server.access.service import create_key
from liftgate_server.admin.customers.charts import day_chart, round_up
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.usage.models import UsageDayRow, UsageEventRow
from tests.server.conftest import START

PAGES = (
    "/customers/harbour/usage",
    "/customers/harbour/usage/exports",
    "/customers/harbour/usage/exports?days=90&user=owner",
    "/customers/harbour/ledger",
    "/customers/harbour/ledger?feature=exports&user=owner",
)


def test_a_counted_feature_shows_what_is_used_of_what_and_when_it_starts_anew(owner):
    page = owner.get("/customers/harbour/usage").text

    assert "99 of 100" in page
    assert "starts anew on November 30, 2026, 23:00" in page
    assert "nearly used up" in page
    assert "warns at 80% and 95%" in page


def test_the_bar_is_drawn_without_a_style_of_its_own(owner):
    page = owner.get("/customers/harbour/usage").text

    assert '<rect class="used" width="990" height="10"/>' in page
    assert page.count('class="warning"') == 2
    assert " style=" not in page


def test_thresholds_and_value_metrics_are_shown(owner):
    page = owner.get("/customers/harbour/usage").text

    assert page.count("99 / 100") == 2
    assert "Minutes saved" in page


def test_what_is_used_without_a_limit_is_listed_beside(owner):
    page = owner.get("/customers/redwood/usage").text

    assert "Also used" in page
    assert "Single sign-on" in page
    assert "Audit log" in page


def test_where_each_person_has_an_own_count_the_busiest_are_named(site, owner):
    consume(site, "harbour", "ai_texts", user="crew-2", units=7)

    page = owner.get("/customers/harbour/usage").text

    assert "50 per person" in page
    assert "<b>crew-2</b> 7" in page


def test_more_than_the_limit_is_said_with_what_then_applies(site, owner):
    set_level(site, "tall-pines", "boards", 5)

    page = owner.get("/customers/tall-pines/usage").text

    assert "2 over the limit" in page
    assert "above the limit: what is there stays, nothing new" in page


def test_the_page_speaks_german(site, owner):
    page = owner.get("/customers/harbour/usage", headers={"Accept-Language": "de"}).text

    assert "99 von 100" in page
    assert "fast aufgebraucht" in page


def test_the_history_is_a_chart_and_the_same_as_a_table(owner):
    page = owner.get("/customers/harbour/usage/exports").text

    assert page.count("<title>") == 1 + page.count("</title></rect>")
    assert "last 30 days; the table below says the same" in page
    assert page.count("</title></rect>") == page.split("<table>")[1].split("</table>")[0].count("<tr><td>")


def test_the_history_of_a_level_tells_of_changes_and_not_of_units_used(site, owner):
    set_level(site, "tall-pines", "boards", 5)
    level = owner.get("/customers/tall-pines/usage/boards").text
    consumed = owner.get("/customers/harbour/usage/exports").text

    assert ("Net change" in level, "Busiest day" in level) == (True, False)
    assert ("Net change" in consumed, "Busiest day" in consumed) == (False, True)


def test_the_history_of_one_person(owner):
    everybody, one = (
        owner.get(f"/customers/harbour/usage/exports/download?days=90{user}").text for user in ("", "&user=owner")
    )

    assert 0 < len(one.splitlines()) < len(everybody.splitlines())
    assert "Only owner." in owner.get("/customers/harbour/usage/exports?user=owner").text


@pytest.mark.parametrize("query", ["?days=7", "?days=x", "?days=-1", "?user=" + "x" * 500, "?user=%00"])
def test_an_odd_address_shows_a_page_all_the_same(owner, query):
    assert owner.get(f"/customers/harbour/usage/exports{query}").status_code in {200, 400}


def test_the_ledger_is_filtered(owner):
    everything, one = (rows_of(owner, f"/customers/harbour/ledger/download{query}") for query in ("", "?feature=seats"))

    assert [row["feature"] for row in one] == ["seats"]
    assert len(everything) > len(one)


def test_the_ledger_as_a_file_says_what_was_counted(owner):
    rows = rows_of(owner, "/customers/harbour/ledger/download?feature=exports")

    month = [int(row["quantity"]) for row in rows if row["at"] >= "2026-10-31T23:00:00Z"]
    assert sum(month) == 99
    answer = owner.get("/customers/harbour/ledger/download")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="harbour-ledger.csv"'


def test_a_text_that_looks_like_a_formula_is_none_in_a_spreadsheet(site, owner):
    consume(site, "harbour", "exports", user="-cmd|", units=1)

    users = {row["user"] for row in rows_of(owner, "/customers/harbour/ledger/download?feature=exports")}
    assert "'-cmd|" in users


def test_the_work_of_the_pages_does_not_grow_with_the_past(site, owner, environment_id, statements):
    few = counted(owner, statements)
    add_past(site, environment_id, days=400)

    assert counted(owner, statements) == few
    # A plain bound beside the comparison, so that both sides together do not grow unnoticed.
    assert max(few.values()) < 60


def test_an_export_is_handed_out_as_a_file(owner):
    answer = owner.get("/customers/harbour/export", buffered=True)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="harbour.jsonl"'
    assert json.loads(answer.data.splitlines()[-1])["kind"] == "end"


def test_an_owner_forgets_an_account_by_typing_its_id(owner):
    answer = owner.post("/customers/harbour/erase", confirm="harbour")

    assert answer.headers["Location"].endswith("/customers")
    assert "stays under erased_" in owner.get("/customers").text
    assert owner.get("/customers/harbour").status_code == 404


def test_with_another_id_nothing_is_forgotten(owner):
    owner.post("/customers/harbour/erase", confirm="lantern")

    page = owner.get("/customers/harbour")
    assert page.status_code == 200
    assert "say the id again" in page.text


def test_a_person_of_an_account_is_forgotten(owner):
    owner.post("/customers/harbour/users/member/erase", confirm="member")

    page = owner.get("/customers/harbour/people").text
    assert "member" not in page.split("<table", 1)[1].split("</table>")[0]
    assert owner.get("/customers/harbour").status_code == 200


def test_only_an_owner_is_offered_to_forget(reader_of):
    pages = {role: reader_of(role).get("/customers/harbour").text for role in ("viewer", "editor", "owner")}

    assert {role: ("Forget the account" in page, "/export" in page) for role, page in pages.items()} == {
        "viewer": (False, False),
        "editor": (False, True),
        "owner": (True, True),
    }


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (10, 10), (11, 20), (99, 100), (501, 1000)])
def test_the_upper_edge_of_a_chart_is_easily_read(value, top):
    assert round_up(value) == top


def test_a_chart_has_a_bar_for_each_day_and_none_is_too_low_to_see():
    days = {date(2026, 11, 1): 1_000, date(2026, 11, 3): 1}
    chart = day_chart(days, first=date(2026, 11, 1), last=date(2026, 11, 4))

    assert [bar.value for bar in chart.bars] == [1_000, 0, 1, 0]
    assert [bar.height > 0 for bar in chart.bars] == [True, False, True, False]
    assert (chart.top, chart.total, chart.busiest) == (1_000, 1_001, chart.bars[0])


def rows_of(owner, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(owner.get(path, buffered=True).text)))


def counted(owner, statements: list[str]) -> dict[str, int]:
    """Count the statements of each page, once everything that is remembered is."""
    counts = {}
    for path in PAGES:
        owner.get(path)
        statements.clear()
        assert owner.get(path).status_code == 200
        counts[path] = len(statements)
    return counts


def add_past(site, environment_id: int, *, days: int) -> None:
    own = {"environment_id": environment_id, "customer": "harbour", "feature": "exports", "user": "owner"}
    with site.app.app_context(), transaction(environment_id) as session:
        first = session.scalar(select(func.min(UsageDayRow.day)).where(UsageDayRow.customer == "harbour"))
        assert first is not None
        event = own | {
            "operation": "record",
            "gate": None,
            "quantity": 1,
            "base_quantity": 1,
            "uses": 1,
            "refused": False,
            "of_key": None,
            "digest": b"0" * 32,
            "properties": None,
            "receipt": None,
        }
        past = [START - timedelta(days=40 + back) for back in range(days)]
        session.execute(
            insert(UsageEventRow), [event | {"key": f"past-{at:%j%Y}", "at": at, "received_at": at} for at in past]
        )
        session.execute(
            insert(UsageDayRow),
            [
                own | {"day": first - timedelta(days=1 + back), "units": 1, "uses": 1, "last_at": START}
                for back in range(days)
            ],
        )
    with site.app.app_context():
        assert reading().scalars(select(func.count()).select_from(UsageDayRow)).one() > days


def consume(site, customer: str, feature: str, *, user: str, units: int) -> None:
    """Use something up, as a host does."""
    event = {"key": f"{feature}-{user}", "customer": customer, "feature": feature, "user": user, "quantity": units}
    post(site, "/v1/usage/record", {"events": [event]})


def set_level(site, customer: str, feature: str, level: int) -> None:
    post(site, "/v1/usage/level", {"customer": customer, "feature": feature, "level": level})


def post(site, path: str, body: dict[str, object]) -> None:
    with site.app.app_context():
        key = create_key(environment_by_key(site.environment).id, CallerKind.SECRET, name="a host").text
    answer = site.app.test_client().post(path, json=body, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert not answer.json.get("refused")
