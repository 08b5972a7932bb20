"""Lists have one order, that of the characters' numbers, whatever language a database would sort by."""

from __future__ import annotations

import pytest

IDS = ["a", "B", "a-b", "ab", "A.b", "a_b", "Z", "10", "9", "a:1", "a@1", "a|b", "_"]


@pytest.fixture
def customers(runtime_caller):
    for customer in IDS:
        runtime_caller.put(f"/v1/customers/{customer}", json={"name": f"Ä {customer}"})


def ids_by_pages(manager, query: str = "") -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = manager.get(f"/v1/customers?limit=3{query}{cursor}").json
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_customers_are_paged_in_the_order_of_bytes(customers, manager):
    assert ids_by_pages(manager) == sorted(IDS)


@pytest.mark.parametrize("search", ["a", "A", "ä ", "ä a", "Ä A_", "_", "%25"])
def test_a_search_finds_what_begins_with_it_and_nothing_else(customers, manager, search):
    prefix = search.replace("%25", "%").casefold()
    expected = [one for one in IDS if one.casefold().startswith(prefix) or f"ä {one}".casefold().startswith(prefix)]

    assert ids_by_pages(manager, f"&search={search}") == sorted(expected)
