"""The plans × features matrix."""

from __future__ import annotations

from flask import request

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.matrix import Wanted, matrix_of
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, page_reader, show
from liftgate_server.admin.catalogue.snippets import EXAMPLE_DOCUMENT
from liftgate_server.admin.catalogue.words import given_words
from liftgate_server.admin.framing import Role

_LONGEST_SEARCH = 100


@area.page("/matrix", least=Role.VIEWER)
def matrix() -> Shown:
    """Show a page of the matrix; it is edited cell by cell."""
    bench = bench_of_visitor()
    reader = page_reader(bench)
    wanted = wanted_of_request()
    return show(
        "matrix.html",
        bench,
        wanted=wanted,
        matrix=matrix_of(bench.catalogue, bench.live, wanted),
        given=lambda feature, entitlement: given_words(feature, entitlement, reader),
        example=EXAMPLE_DOCUMENT,
    )


def wanted_of_request() -> Wanted:
    """Return which part of a list the address asks for."""
    page = request.args.get("page", "1")
    return Wanted(
        words=request.args.get("q", "").strip()[:_LONGEST_SEARCH],
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,  # noqa: PLR2004 - far beyond the last
        with_archived="archived" in request.args,
    )
