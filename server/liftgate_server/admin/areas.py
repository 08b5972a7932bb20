"""The areas of the pages; each has its views registered when its `pages` module is loaded."""

from __future__ import annotations

from liftgate_server.admin.catalogue import pages as catalogue
from liftgate_server.admin.customers import pages as customers
from liftgate_server.admin.framing import AdminArea
from liftgate_server.admin.publishing import pages as publishing
from liftgate_server.admin.shell import pages as shell

AREAS: tuple[AdminArea, ...] = (shell.area, catalogue.area, customers.area, publishing.area)
