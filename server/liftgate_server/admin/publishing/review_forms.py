"""What the actions on a draft read from their forms, and the page they show again when they are refused."""

from __future__ import annotations

from flask import request

from liftgate_server.admin.framing import render
from liftgate_server.admin.publishing.review_view import ReviewPage
from liftgate_server.plumbing.errors import Invalid

__all__ = ["sent_number", "show_review"]


def show_review(page: ReviewPage) -> str:
    """Return the review page."""
    return render("publishing/review.html", page=page)


def sent_number(name: str) -> int:
    """Return the number in a hidden field: the revision or version that the form was filled from."""
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdecimal()):
        raise Invalid("invalid_request", "The form does not say which state of the draft it was filled from.")
    return int(text[:12])
