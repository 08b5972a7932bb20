"""What an account uses now."""

from __future__ import annotations

from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.usage_view import usage_page
from liftgate_server.admin.framing import Role, render


@area.page("/customers/<customer>/usage", least=Role.VIEWER)
def usage(customer: str) -> str:
    page = usage_page(customer)
    return render("customers/usage.html", page=page, head=page.head, tab="usage")
