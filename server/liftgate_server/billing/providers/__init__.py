"""Payment providers by name. A new one is a module beside ``manual`` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liftgate_server.billing.providers.manual import ManualProvider
from liftgate_server.billing.providers.protocol import PaymentProvider

MANUAL: Final = "manual"

_PROVIDERS: Mapping[str, PaymentProvider] = {MANUAL: ManualProvider()}


def provider_named(name: str) -> PaymentProvider:
    return _PROVIDERS[name]
