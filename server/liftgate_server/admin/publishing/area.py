"""The area to which the pages of publishing belong."""

from __future__ import annotations

from liftgate_server.admin.framing import AdminArea

area = AdminArea("publishing", __name__)
