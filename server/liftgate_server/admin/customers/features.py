"""What an account has of every feature and why, told step by step from the engine's trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from liftgate.engine.access import Contribution
from liftgate.engine.catalogue_model import Feature, FeatureKind, Scope
from liftgate.engine.decision import Decision, Reason, Source, SourceKind
from liftgate.engine.explain import Explanation, TraceStep
from liftgate.engine.formats import format_number
from liftgate.engine.reader import Reader
from liftgate.engine.wording import value_text
from liftgate_server.admin.customers.sources import Sources, sources_of
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import amount_words, entitlement_words, reader_for_pages
from liftgate_server.entitlements.effective import EffectiveAccess

__all__ = ["FeatureLine", "FeatureState", "WhyStep", "feature_lines"]

# From here on a limit is worth a second look, as the usual first warning of a cap.
_NEARLY_PERCENT = 80
_ALL_PERCENT = 100


class FeatureState(StrEnum):
    """How a feature stands: off, on, nearly used up, or used up."""

    OFF = "off"
    ON = "on"
    NEARLY = "nearly"
    FULL = "full"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One step of the way to the answer; ``decisive`` ones settled it."""

    text: str
    decisive: bool


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """One feature of an account.

    ``used`` is ``None`` where the host has reported nothing, ``limit`` where no single number holds.
    """

    key: str
    name: str
    state: FeatureState
    has: str
    used: int | None
    limit: int | None
    percent: int | None
    sources: tuple[str, ...]
    why: tuple[WhyStep, ...]


def feature_lines(access: EffectiveAccess, reported: Mapping[str, int], *, language: str) -> tuple[FeatureLine, ...]:
    """Return every feature of the catalogue as the account has it; archived ones only where they are held."""
    reader = reader_for_pages(language, access.snapshot.catalogue.languages)
    sources = sources_of(access.snapshot, access.state, reader)
    catalogue = access.snapshot.catalogue
    lines = (
        _line(catalogue.features[key], explanation, sources, reported.get(key))
        for key, explanation in access.features.items()
    )
    return tuple(
        line for line in lines if line.state is not FeatureState.OFF or not catalogue.features[line.key].archived
    )


def _line(feature: Feature, explanation: Explanation, sources: Sources, used: int | None) -> FeatureLine:
    decision = explanation.decision
    giving = [step.given for step in explanation.trace if step.given is not None]
    limit = decision.limit if _is_one_limit(giving) else None
    percent = 100 * used // limit if used is not None and limit else None
    return FeatureLine(
        key=feature.key,
        name=sources.reader.name(feature.name),
        state=_state(decision, percent),
        has=_has(feature, decision, giving, sources.reader),
        used=used if feature.kind.is_counted and decision.reason is not Reason.NOT_INCLUDED else None,
        limit=limit,
        percent=None if percent is None else min(percent, 100),
        sources=tuple(sources.short(source) for source in decision.sources),
        why=tuple(_why(feature, explanation, sources, used)),
    )


def _is_one_limit(giving: Sequence[Contribution]) -> bool:
    """Tell whether what was used can be held against one number: not where limits of several periods or users hold."""
    caps = [cap for given in giving for cap in given.entitlement.caps]
    return len(caps) == len(giving) and all(cap.scope is Scope.CUSTOMER for cap in caps)


def _state(decision: Decision, percent: int | None) -> FeatureState:
    if decision.reason is Reason.REVOKED:
        return FeatureState.REVOKED
    if decision.reason is Reason.LIMIT_REACHED or (percent is not None and percent >= _ALL_PERCENT):
        return FeatureState.FULL
    if not decision.granted:
        return FeatureState.OFF
    return FeatureState.NEARLY if percent is not None and percent >= _NEARLY_PERCENT else FeatureState.ON


def _has(feature: Feature, decision: Decision, giving: Sequence[Contribution], reader: Reader) -> str:
    if decision.reason in {Reason.REVOKED, Reason.NOT_INCLUDED}:
        return _("closed") if decision.reason is Reason.REVOKED else _("not included")
    if feature.kind is FeatureKind.SWITCH:
        return _("on") if decision.granted else _("off")
    if feature.kind is FeatureKind.SETTING:
        return _("not included") if decision.value is None else value_text(decision.value, reader)
    if decision.limit is None:
        return _("unlimited")
    return " + ".join(entitlement_words(feature, given.entitlement, reader, times=given.times) for given in giving)


def _why(feature: Feature, explanation: Explanation, sources: Sources, used: int | None) -> Iterator[WhyStep]:
    overridden = any(_is_override(step.source) for step in explanation.trace if step.given is not None)
    for step in explanation.trace:
        if step.source is not None:
            yield WhyStep(_step_words(feature, step, sources, overridden=overridden), step.decisive)
    yield WhyStep(_verdict_words(feature, explanation.decision, sources.reader, used), decisive=True)


def _is_override(source: Source | None) -> bool:
    return source is not None and source.kind is SourceKind.OVERRIDE


def _step_words(feature: Feature, step: TraceStep, sources: Sources, *, overridden: bool) -> str:
    if step.source is None:
        return step.detail
    name = sources.long(step.source)
    if step.rule == "revoke":
        return _("{source} closes the feature, whatever else gives it.", source=name)
    if step.given is None and overridden:
        return _("{source} does not count, because an override decides.", source=name)
    if step.given is None:
        return _("{source} does not include it.", source=name)
    amount = entitlement_words(feature, step.given.entitlement, sources.reader, times=step.given.times)
    if step.rule == "base":
        return _("{source} gives: {amount}.", source=name, amount=amount)
    return _("{source} adds: {amount}.", source=name, amount=amount)


def _verdict_words(feature: Feature, decision: Decision, reader: Reader, used: int | None) -> str:
    if decision.reason is Reason.REVOKED:
        return _("So it is closed.")
    if decision.reason is Reason.NOT_INCLUDED:
        return _("Nothing the account holds includes it.")
    if feature.kind.is_counted:
        return _room_words(decision, reader, used)
    if decision.value is not None:
        return _("So the value is {value}.", value=value_text(decision.value, reader))
    return _("So it is on.") if decision.granted else _("So it is off.")


def _room_words(decision: Decision, reader: Reader, used: int | None) -> str:
    limit = amount_words(decision.limit, reader)
    if used is None:
        return _("So the limit is: {limit}. The host has reported no use.", limit=limit)
    counted = format_number(used, reader.formats)
    if decision.reason is Reason.LIMIT_REACHED:
        return _("So the limit is reached: {used} of {limit} used.", used=counted, limit=limit)
    return _("So the limit is: {limit}. When last reported, {used} were used.", used=counted, limit=limit)
