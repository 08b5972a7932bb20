"""The decisions behind the golden file of the wire, one for every reason."""

from __future__ import annotations

from liftgate.engine.catalogue_model import OverLimitPolicy
from liftgate.engine.decision import Decision, OverLimit, Reason, Source, SourceKind
from tests.contract.wire_examples import DECEMBER

_FREE_SOURCE = (Source(SourceKind.DEFAULT_PLAN, "free@1"),)

DECISIONS = {
    Reason.ENTITLED: Decision(
        granted=True,
        reason=Reason.ENTITLED,
        gate="video",
        feature="resolution",
        value="4k",
        sources=(Source(SourceKind.TRIAL, "grt_4", DECEMBER),),
        decided_by="trial:grt_4",
        valid_until=DECEMBER,
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.WITHIN_OVERAGE: Decision(
        granted=True,
        reason=Reason.WITHIN_OVERAGE,
        gate="boards",
        feature="boards",
        used=51,
        limit=50,
        remaining=0,
        sources=(Source(SourceKind.PLAN, "pro@2", DECEMBER), Source(SourceKind.ADDON, "extra_boards@1")),
        decided_by="plan:pro@2",
        valid_until=DECEMBER,
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.GATE_OPEN: Decision(
        granted=True, reason=Reason.GATE_OPEN, gate="reports.export", catalogue_version=12, customer_version=7
    ),
    Reason.OBSERVED: Decision(
        granted=True,
        reason=Reason.OBSERVED,
        gate="sso",
        feature="sso",
        observed=Reason.NOT_INCLUDED,
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.NOT_INCLUDED: Decision(
        granted=False,
        reason=Reason.NOT_INCLUDED,
        gate="sso",
        feature="sso",
        sources=_FREE_SOURCE,
        decided_by="default_plan:free@1",
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.LIMIT_REACHED: Decision(
        granted=False,
        reason=Reason.LIMIT_REACHED,
        gate="reports.export",
        feature="exports",
        used=20,
        limit=20,
        remaining=0,
        resets_at=DECEMBER,
        sources=_FREE_SOURCE,
        decided_by="default_plan:free@1",
        valid_until=DECEMBER,
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.VALUE_TOO_LOW: Decision(
        granted=False,
        reason=Reason.VALUE_TOO_LOW,
        gate="retention",
        feature="retention_days",
        value=30,
        sources=_FREE_SOURCE,
        decided_by="default_plan:free@1",
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.OVER_LIMIT: Decision(
        granted=False,
        reason=Reason.OVER_LIMIT,
        gate="boards.open",
        feature="boards",
        used=7,
        limit=3,
        remaining=0,
        sources=_FREE_SOURCE,
        decided_by="default_plan:free@1",
        catalogue_version=12,
        customer_version=7,
        over_limit=OverLimit(OverLimitPolicy.GRACE, over=4, until=DECEMBER),
    ),
    Reason.REVOKED: Decision(
        granted=False,
        reason=Reason.REVOKED,
        gate="sso",
        feature="sso",
        sources=(Source(SourceKind.REVOKE, "grt_2"),),
        decided_by="revoke:grt_2",
        message="invoice unpaid",
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.GATE_CLOSED: Decision(
        granted=False, reason=Reason.GATE_CLOSED, gate="reports.export", catalogue_version=12, customer_version=7
    ),
    Reason.UNKNOWN_GATE: Decision(
        granted=False,
        reason=Reason.UNKNOWN_GATE,
        gate="report.export",
        fallback=True,
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.UNKNOWN_FEATURE: Decision(
        granted=False,
        reason=Reason.UNKNOWN_FEATURE,
        gate="fax",
        feature="fax",
        fallback=True,
        catalogue_version=12,
        customer_version=7,
    ),
    Reason.NO_CUSTOMER: Decision(
        granted=False, reason=Reason.NO_CUSTOMER, gate="sso", fallback=True, catalogue_version=12
    ),
    Reason.UNAVAILABLE: Decision(
        granted=True, reason=Reason.UNAVAILABLE, gate="reports.export", stale=True, fallback=True
    ),
}
