"""Strategies for any decision and payload that can be written down."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from liftgate.engine.catalogue_model import OverLimitPolicy
from liftgate.engine.decision import Decision, OverLimit, Reason, Source, SourceKind
from liftgate.engine.payload_model import (
    Action,
    ActionKind,
    ActionStyle,
    Content,
    Grandfathering,
    OfferReference,
    Payload,
    Presentation,
    PurchaseOption,
    Trigger,
    UsageBar,
)
from tests.engine.value_strategies import LANGUAGES, instants, keys, texts, whole_numbers


def _optional_numbers() -> st.SearchStrategy[int | None]:
    return st.none() | whole_numbers()


@cache
def decisions() -> st.SearchStrategy[Decision]:
    """Any decision that can be written down, whether or not one engine run would make it."""
    reasons = st.sampled_from(Reason)
    ends = st.none() | instants()
    return st.builds(
        Decision,
        granted=st.booleans(),
        reason=reasons,
        gate=keys(),
        feature=st.none() | keys(),
        used=_optional_numbers(),
        limit=_optional_numbers(),
        remaining=_optional_numbers(),
        resets_at=ends,
        value=st.none() | texts() | whole_numbers(),
        sources=st.lists(st.builds(Source, st.sampled_from(SourceKind), keys(), ends), max_size=3).map(tuple),
        decided_by=st.none() | keys(),
        observed=st.none() | reasons,
        message=st.none() | texts(),
        valid_until=ends,
        catalogue_version=_optional_numbers(),
        customer_version=_optional_numbers(),
        stale=st.booleans(),
        fallback=st.booleans(),
        over_limit=st.none() | st.builds(OverLimit, st.sampled_from(OverLimitPolicy), whole_numbers(), ends),
        _build_offer=st.none(),
        _offer=st.none(),
    )


def _purchase_options() -> st.SearchStrategy[PurchaseOption]:
    return st.builds(
        PurchaseOption,
        id=texts(),
        plan=st.none() | keys(),
        addon=st.none() | keys(),
        quantity=whole_numbers(),
        interval=st.sampled_from(["month", "year"]),
        currency=st.sampled_from(["EUR", "JPY"]),
        amount=whole_numbers(),
        price=texts(),
        price_note=texts(),
        label=texts(),
        selected=st.booleans(),
        saving=st.none() | texts(),
    )


def _contents() -> st.SearchStrategy[Content]:
    bars = st.builds(
        UsageBar,
        label=texts(),
        text=texts(),
        used=whole_numbers(),
        limit=whole_numbers(),
        percent=st.integers(0, 100),
        note=st.none() | texts(),
    )
    return st.builds(
        Content,
        title=texts(),
        body=texts(),
        eyebrow=st.none() | texts(),
        bullets=st.lists(texts(), max_size=2).map(tuple),
        usage=st.none() | bars,
        options=st.lists(_purchase_options(), max_size=2).map(tuple),
        legal=st.none() | texts(),
        grandfathering=st.none() | st.builds(Grandfathering, texts(), instants()),
    )


def _actions() -> st.SearchStrategy[Action]:
    opening = {ActionKind.CONTACT_SALES, ActionKind.URL}
    styles = st.sampled_from(ActionStyle)
    hrefs = st.sampled_from(["https://example.com/", "mailto:sales@example.com", "/pricing"])
    return st.builds(Action, st.sampled_from(sorted(opening)), texts(), styles, hrefs) | st.builds(
        Action, st.sampled_from(sorted(set(ActionKind) - opening)), texts(), styles
    )


@cache
def payloads() -> st.SearchStrategy[Payload]:
    """Any payload."""
    return st.builds(
        Payload,
        offer=st.builds(OfferReference, keys(), whole_numbers()),
        trigger=st.sampled_from(Trigger),
        gate=keys(),
        language=st.sampled_from(LANGUAGES),
        content=_contents(),
        labels=st.dictionaries(keys(), texts(), max_size=2),
        actions=st.lists(_actions(), max_size=2).map(tuple),
        feature=st.none() | keys(),
        placement=st.none() | keys(),
        direction=st.sampled_from(["ltr", "rtl"]),
        customer_version=_optional_numbers(),
        catalogue_version=_optional_numbers(),
        impression_id=st.none() | keys(),
        expires_at=st.none() | instants(),
        presentation=st.builds(Presentation, st.just("modal"), st.booleans(), st.booleans()),
    )
