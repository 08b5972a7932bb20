"""What is odd about the distance between plans, in the words of whoever reviews."""

from __future__ import annotations

from liftgate.engine.catalogue_model import Catalogue, Recurrence
from liftgate.engine.formats import format_money
from liftgate.engine.reader import Reader
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import entitlement_words, interval_words, listed, name_of
from liftgate_server.catalog.advice import TierWarning, WarningCode

__all__ = ["warning_words"]


def warning_words(warning: TierWarning, catalogue: Catalogue, reader: Reader) -> str:
    """Say a warning by its code and its values, with the names of plans and features."""
    plan, other = _plan(catalogue, warning.plan, reader), _plan(catalogue, warning.other, reader)
    if warning.code is WarningCode.NOTHING_NEW:
        return _(
            "{plan} gives nothing that {other} does not give: nobody has a reason to upgrade.", plan=plan, other=other
        )
    if warning.code is WarningCode.HARDLY_DIFFERENT:
        names = [_feature(catalogue, key, reader) for key in warning.values["features"].split(", ")]
        return _(
            "{plan} gives only a little more of {features} than {other}.",
            plan=plan,
            other=other,
            features=listed(names),
        )
    if warning.code is WarningCode.NOT_DEARER:
        return _price_words(warning, plan, other, reader)
    feature = _feature(catalogue, warning.values["feature"], reader)
    if warning.code is WarningCode.LACKS_FEATURE:
        return _("{plan} lacks {feature}, which {other} has.", plan=plan, other=other, feature=feature)
    return _(
        "{plan} has less of {feature} ({less}) than {other} ({more}).",
        plan=plan,
        other=other,
        feature=feature,
        less=_given(catalogue, warning.plan, warning.values["feature"], reader),
        more=_given(catalogue, warning.other, warning.values["feature"], reader),
    )


def _price_words(warning: TierWarning, plan: str, other: str, reader: Reader) -> str:
    values = warning.values
    return _(
        "{plan} costs {price} {per}, which is no more than {other} ({other_price}).",
        plan=plan,
        other=other,
        price=format_money(int(values["higher"]), values["currency"], reader.formats),
        other_price=format_money(int(values["lower"]), values["currency"], reader.formats),
        per=interval_words(Recurrence(values["interval"])),
    )


def _plan(catalogue: Catalogue, key: str, reader: Reader) -> str:
    plan = catalogue.plans.get(key)
    return key if plan is None else name_of(plan.name, key, reader)


def _feature(catalogue: Catalogue, key: str, reader: Reader) -> str:
    feature = catalogue.features.get(key)
    return key if feature is None else name_of(feature.name, key, reader)


def _given(catalogue: Catalogue, plan: str, key: str, reader: Reader) -> str:
    entitlement = catalogue.plans[plan].entitlements.get(key)
    return entitlement_words(catalogue.features.get(key), entitlement, reader)
