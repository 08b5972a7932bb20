"""For whom code runs: nesting, threads, tasks, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from liftgate import BindingError, Reason
from tests.sdk.conftest import settle


@pytest.fixture
def paying(server):
    """The customer `rich` has Pro; `acme` has not."""
    server.put("rich")
    server.upgrade("rich")


def allowed(client) -> bool:
    return client.check("sso").granted


def test_bindings_nest_and_the_inner_one_counts(client, paying):
    with client.customer("acme"):
        with client.customer("rich") as inner:
            assert allowed(client)
            assert client.binding is inner
        assert not allowed(client)
    assert client.binding is None


def test_a_binding_ends_with_an_exception(client, paying):
    with pytest.raises(ZeroDivisionError), client.customer("rich"):
        raise ZeroDivisionError

    assert client.check("sso").reason is Reason.NO_CUSTOMER


def test_a_binding_can_be_used_again_but_not_twice_at_once(client, paying):
    binding = client.customer("rich")

    with binding:
        assert allowed(client)
        with pytest.raises(BindingError), binding:
            pass
    with binding:
        assert allowed(client)


def test_blocks_that_interleave_never_revive_one_that_has_ended(client, paying):
    first, second = client.customer("rich"), client.customer("acme")

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not allowed(client)
    second.__exit__(None, None, None)

    assert client.check("sso").reason is Reason.NO_CUSTOMER


def test_a_binding_used_again_among_blocks_that_interleave_ends_with_its_block(client, paying):
    first, second = client.customer("rich"), client.customer("acme")

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    first.__enter__()
    second.__exit__(None, None, None)
    assert allowed(client)
    first.__exit__(None, None, None)

    assert client.check("sso").reason is Reason.NO_CUSTOMER


def test_blocks_that_take_turns_for_ever_leave_nothing_behind(client):
    current = client.customer("acme")
    current.__enter__()

    def take_turns(times: int) -> None:
        nonlocal current
        for _ in range(times):
            following = client.customer("acme")
            following.__enter__()
            current.__exit__(None, None, None)
            current = following

    take_turns(10)
    gc.collect()
    before = len(gc.get_objects())
    take_turns(1_000)
    gc.collect()

    assert len(gc.get_objects()) - before < 50


def test_a_customer_that_cannot_be_loaded_does_not_get_the_outer_ones_answer(client, server, paying):
    with client.customer("rich"):
        assert allowed(client)
        server.is_down = True
        with client.customer("unheard"):
            assert client.check("sso").reason is Reason.UNAVAILABLE


def test_two_clients_never_mix(make_client, paying):
    one, other = make_client(), make_client()

    with one.customer("rich"):
        assert allowed(one)
        assert other.check("sso").reason is Reason.NO_CUSTOMER
        with other.customer("acme"):
            assert allowed(one)
            assert not allowed(other)


def test_a_thread_starts_without_a_binding(client, paying):
    with client.customer("rich"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: client.check("sso").reason).result() is Reason.NO_CUSTOMER


def test_a_pooled_thread_keeps_nothing_of_its_last_job(client, paying):
    def serve(customer: str | None) -> bool | None:
        if customer is None:
            return client.binding is not None
        with client.customer(customer):
            return allowed(client)

    with ThreadPoolExecutor(1) as pool:
        answers = [pool.submit(serve, customer).result() for customer in ("rich", None, "acme", "rich", None)]

    assert answers == [True, False, False, True, False]


def test_tasks_that_take_turns_keep_their_own_customer(client, paying):
    async def serve(customer: str) -> list[bool]:
        async with client.customer(customer):
            answers = []
            for _ in range(20):
                answers.append(allowed(client))
                await asyncio.sleep(0)
            return answers

    async def serve_all() -> list[list[bool]]:
        return await asyncio.gather(*(serve("rich" if number % 2 else "acme") for number in range(10)))

    for number, answers in enumerate(asyncio.run(serve_all())):
        assert answers == [bool(number % 2)] * 20


def test_a_task_inherits_the_binding_and_cannot_change_its_creators(client, paying):
    async def child() -> bool:
        inherited = allowed(client)
        client.customer("acme").__enter__()
        return inherited

    async def parent() -> tuple[bool, bool]:
        async with client.customer("rich"):
            return await asyncio.create_task(child()), allowed(client)

    assert asyncio.run(parent()) == (True, True)


def test_a_task_that_outlives_its_creators_block_keeps_nothing_of_its_own_inner_one(client, paying):
    async def child(has_ended: asyncio.Event) -> Reason:
        with client.customer("rich"):
            await has_ended.wait()
        return client.check("sso").reason

    async def parent() -> Reason:
        has_ended = asyncio.Event()
        with client.customer("acme"):
            task = asyncio.create_task(child(has_ended))
            await asyncio.sleep(0)
        has_ended.set()
        return await task

    assert asyncio.run(parent()) is Reason.NO_CUSTOMER


def test_loading_does_not_hold_up_the_event_loop(client, server):
    is_loading, go_on = threading.Event(), threading.Event()

    def wait(_request) -> None:
        is_loading.set()
        go_on.wait(10)

    server.before = wait

    async def use() -> Reason:
        async def bind() -> Reason:
            async with client.customer("acme"):
                return client.check("sso").reason

        task = asyncio.create_task(bind())
        await asyncio.to_thread(is_loading.wait, 10)
        # We run although the binding waits for the server.
        go_on.set()
        return await task

    assert asyncio.run(use()) is Reason.NOT_INCLUDED


def test_a_cached_customer_is_bound_without_leaving_the_event_loop(client):
    async def use() -> None:
        async with client.customer("acme"):
            pass

    with client.customer("acme"):
        pass
    threads = set(threading.enumerate())
    asyncio.run(use())

    assert set(threading.enumerate()) <= threads


def test_copied_contexts_end_for_themselves(client, paying):
    def serve() -> bool:
        with client.customer("acme"):
            return allowed(client)

    with client.customer("rich"):
        assert contextvars.copy_context().run(serve) is False
        assert allowed(client)


@pytest.mark.parametrize("customer", ["", "with space", "a" * 129, "né", None, 7])
def test_an_id_the_server_cannot_know_is_refused_in_words(client, customer):
    with pytest.raises(BindingError, match="customer"):
        client.customer(customer)


def test_an_impossible_user_is_refused_in_words(client):
    with pytest.raises(BindingError, match="user"):
        client.customer("acme", user="no such/user")


def test_ten_thousand_scopes_leave_nothing_behind(client):
    def serve(count: int) -> None:
        for _ in range(count):
            with client.customer("acme", user="u1"):
                client.check("sso")
                client.check("boards.create", used=1)

    serve(100)
    gc.collect()
    before = len(gc.get_objects())
    serve(10_000)
    gc.collect()

    assert len(gc.get_objects()) - before < 50


def test_customers_and_readers_beyond_the_bound_are_forgotten(make_client, server):
    client = make_client(max_customers=10)
    for number in range(50):
        server.put(f"c{number}")
        with client.customer(f"c{number}", user=f"u{number}"):
            client.check("sso")
    gc.collect()

    assert len(client._feed.cache.customers()) == 10


def test_a_customer_that_is_bound_is_not_forgotten(make_client, server):
    client = make_client(max_customers=2)
    with client.customer("acme"):
        for number in range(10):
            server.put(f"c{number}")
            with client.customer(f"c{number}"):
                pass
        settle(client)
        server.upgrade("acme")
        client._feed._poller.poll()

        assert allowed(client)
