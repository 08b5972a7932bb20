"""The area to which the pages about accounts belong."""

from __future__ import annotations

from liftgate_server.admin.framing import AdminArea

area = AdminArea("customers", __name__)
