"""What an account uses now."""

from __future__ import annotations

from liftgate_server.admin.customers.account_view import account_head
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.framing import Role, render


@area.page("/customers/<customer>/usage", least=Role.VIEWER)
def usage(customer: str) -> str:
    return render("customers/usage.html", head=account_head(customer), tab="usage")
