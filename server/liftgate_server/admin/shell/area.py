"""The area of the frame itself."""

from __future__ import annotations

from liftgate_server.admin.framing import AdminArea

area = AdminArea("shell", __name__)
