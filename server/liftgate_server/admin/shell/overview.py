"""Where one lands: what is set up, what is published, what happened last."""

from __future__ import annotations

from liftgate_server.admin.framing import Role, render
from liftgate_server.admin.shell.area import area


@area.page("/", least=Role.VIEWER)
def overview() -> str:
    return render("shell/overview.html")
