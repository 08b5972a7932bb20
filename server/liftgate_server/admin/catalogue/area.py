"""The area to which all pages of the catalogue belong."""

from __future__ import annotations

from liftgate_server.admin.framing import AdminArea

area = AdminArea("catalogue", __name__)
