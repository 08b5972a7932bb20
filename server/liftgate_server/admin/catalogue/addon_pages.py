"""Add-ons: the list, the page of one, a new one, prices, archive."""

from __future__ import annotations

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.holders import show_holders
from liftgate_server.admin.catalogue.listing import page_of_parts
from liftgate_server.admin.catalogue.matrix_pages import wanted_of_request
from liftgate_server.admin.catalogue.new_products import add_product
from liftgate_server.admin.catalogue.parts import ADDON, archive_part, delete_part
from liftgate_server.admin.catalogue.product_forms import ProductFields
from liftgate_server.admin.catalogue.product_pages import ProductPage
from liftgate_server.admin.catalogue.saving import sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, show
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role

_ACTIONS = {
    "details": "catalogue.save_addon",
    "prices": "catalogue.save_addon_prices",
    "archive": "catalogue.archive_addon",
    "delete": "catalogue.delete_addon",
}


@area.page("/addons", least=Role.VIEWER)
def addons() -> Shown:
    bench = bench_of_visitor()
    wanted = wanted_of_request()
    return show("addons.html", bench, parts=page_of_parts(bench.catalogue.addons.values(), wanted), wanted=wanted)


@area.page("/addons/-/new", least=Role.EDITOR)
def new_addon() -> Shown:
    return show("new_addon.html", bench_of_visitor(), key="", fields=ProductFields(), source="")


@area.action("/addons/-/new", least=Role.EDITOR)
def add_addon() -> Shown:
    return add_product(bench_of_visitor(), ADDON, "new_addon.html")


@area.page("/addons/<addon>", least=Role.VIEWER)
def addon(addon: str) -> Shown:
    bench = bench_of_visitor()
    bench.part(ADDON.section, addon)
    return _page(bench, addon).shown()


@area.page("/addons/<addon>/holders", least=Role.VIEWER)
def addon_holders(addon: str) -> Shown:
    return show_holders(bench_of_visitor(), ADDON, addon)


@area.action("/addons/<addon>", least=Role.EDITOR)
def save_addon(addon: str) -> Shown:
    return _sent(addon).save_details()


@area.action("/addons/<addon>/prices", least=Role.EDITOR)
def save_addon_prices(addon: str) -> Shown:
    return _sent(addon).save_prices()


@area.action("/addons/<addon>/archive", least=Role.EDITOR)
def archive_addon(addon: str) -> Shown:
    return archive_part(bench_of_visitor(), ADDON, addon)


@area.action("/addons/<addon>/delete", least=Role.EDITOR)
def delete_addon(addon: str) -> Shown:
    return delete_part(bench_of_visitor(), ADDON, addon)


def _sent(key: str) -> ProductPage:
    bench = bench_of_visitor()
    bench.require_known(ADDON.section, key, sent_base())
    return _page(bench, key)


def _page(bench: Workbench, key: str) -> ProductPage:
    return ProductPage(bench, ADDON, key, "addon.html", _ACTIONS)
