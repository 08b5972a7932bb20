"""The environment one is in, and new ones."""

from __future__ import annotations

from liftgate_server.admin.framing import Role, render
from liftgate_server.admin.shell.area import area


@area.page("/settings", least=Role.OWNER)
def settings() -> str:
    return render("shell/overview.html")


@area.page("/environments/new", least=Role.OWNER, everywhere=True)
def new_environment() -> str:
    return render("shell/overview.html")
