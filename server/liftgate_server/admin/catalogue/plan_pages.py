"""Plans: the list, the page of one, a new one, prices, archive."""

from __future__ import annotations

from flask import request

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.holders import show_holders
from liftgate_server.admin.catalogue.listing import page_of_parts
from liftgate_server.admin.catalogue.matrix import plans_by_rank
from liftgate_server.admin.catalogue.matrix_pages import wanted_of_request
from liftgate_server.admin.catalogue.new_products import add_product
from liftgate_server.admin.catalogue.parts import PLAN, archive_part, delete_part
from liftgate_server.admin.catalogue.product_forms import ProductFields
from liftgate_server.admin.catalogue.product_pages import ProductPage
from liftgate_server.admin.catalogue.saving import sent_base
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, show
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role

# Room between two ranks, so that a plan can be put between two others later.
_RANK_STEP = 10

_ACTIONS = {
    "details": "catalogue.save_plan",
    "prices": "catalogue.save_plan_prices",
    "archive": "catalogue.archive_plan",
    "delete": "catalogue.delete_plan",
}


@area.page("/plans", least=Role.VIEWER)
def plans() -> Shown:
    bench = bench_of_visitor()
    wanted = wanted_of_request()
    return show("plans.html", bench, parts=page_of_parts(plans_by_rank(bench.catalogue), wanted), wanted=wanted)


@area.page("/plans/-/new", least=Role.EDITOR)
def new_plan() -> Shown:
    bench = bench_of_visitor()
    source = request.args.get("source", "")
    ranks = [plan.rank for plan in bench.catalogue.plans.values()]
    fields = ProductFields(rank=str(max(ranks, default=-_RANK_STEP) + _RANK_STEP))
    return show("new_plan.html", bench, key="", fields=fields, source=source if source in bench.catalogue.plans else "")


@area.action("/plans/-/new", least=Role.EDITOR)
def add_plan() -> Shown:
    return add_product(bench_of_visitor(), PLAN, "new_plan.html")


@area.page("/plans/<plan>", least=Role.VIEWER)
def plan(plan: str) -> Shown:
    bench = bench_of_visitor()
    bench.part(PLAN.section, plan)
    return _page(bench, plan).shown()


@area.page("/plans/<plan>/holders", least=Role.VIEWER)
def plan_holders(plan: str) -> Shown:
    return show_holders(bench_of_visitor(), PLAN, plan)


@area.action("/plans/<plan>", least=Role.EDITOR)
def save_plan(plan: str) -> Shown:
    return _sent(plan).save_details()


@area.action("/plans/<plan>/prices", least=Role.EDITOR)
def save_plan_prices(plan: str) -> Shown:
    return _sent(plan).save_prices()


@area.action("/plans/<plan>/archive", least=Role.EDITOR)
def archive_plan(plan: str) -> Shown:
    return archive_part(bench_of_visitor(), PLAN, plan)


@area.action("/plans/<plan>/delete", least=Role.EDITOR)
def delete_plan(plan: str) -> Shown:
    return delete_part(bench_of_visitor(), PLAN, plan)


def _sent(key: str) -> ProductPage:
    bench = bench_of_visitor()
    bench.require_known(PLAN.section, key, sent_base())
    return _page(bench, key)


def _page(bench: Workbench, key: str) -> ProductPage:
    return ProductPage(bench, PLAN, key, "plan.html", _ACTIONS)
