"""The texts of the built-in offers, with a live preview by the real widget."""

from __future__ import annotations

from collections.abc import Mapping

from flask import jsonify, request
from werkzeug import Response

from liftgate_server.admin.catalogue.area import area
from liftgate_server.admin.catalogue.form_values import Reading
from liftgate_server.admin.catalogue.naming import offer_names, slot_names
from liftgate_server.admin.catalogue.notice_preview import NOTICE_OFFER
from liftgate_server.admin.catalogue.saving import Outcome, Place, attempt
from liftgate_server.admin.catalogue.showing import Shown, bench_of_visitor, show
from liftgate_server.admin.catalogue.text_forms import (
    Texts,
    languages_with_texts,
    offers,
    sent_texts,
    slot_fields,
    texts_reading,
)
from liftgate_server.admin.catalogue.trying import answer_of, trial_form
from liftgate_server.admin.catalogue.workbench import Workbench
from liftgate_server.admin.framing import Role, go_to, link, reader_language, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.plumbing.errors import NotFound

_SECTION = "texts"


@area.page("/texts", least=Role.VIEWER)
def texts() -> Shown:
    bench = bench_of_visitor()
    own = {offer: languages_with_texts(bench.languages, _texts(bench, offer)) for offer in offers()}
    return show("texts.html", bench, offers=offers(), own=own, offer_names=offer_names())


@area.page("/texts/<offer>", least=Role.VIEWER)
def offer_texts(offer: str) -> Shown:
    bench = bench_of_visitor()
    _require(offer)
    return _show(bench, offer, _language(bench, request.args.get("language")))


@area.action("/texts/<offer>", least=Role.EDITOR)
def save_offer_texts(offer: str) -> Shown:
    bench = bench_of_visitor()
    _require(offer)
    language = _language(bench, request.form.get("editing"))
    form = {**request.form, **_taken_back(request.form, language)}
    place = Place((_SECTION, offer), back=link("catalogue.offer_texts", offer=offer, language=language))

    def make(before: Mapping[str, object]) -> Reading:
        return texts_reading(offer, sent_texts(form, offer, _as_texts(before), language), bench.languages[0])

    outcome = attempt(bench, place, make)
    if not outcome.is_saved:
        return _show(bench, offer, language, outcome=outcome, typed=form)
    toast(_("Saved in the draft"))
    return go_to("catalogue.offer_texts", offer=offer, language=language)


@area.action("/preview", least=Role.VIEWER)
def preview() -> Response:
    """Answer what a refused reader would see, for the texts as they are being typed. Nothing is stored."""
    return jsonify(answer_of(bench_of_visitor(), request.form))


def _show(
    bench: Workbench,
    offer: str,
    language: str,
    *,
    outcome: Outcome | None = None,
    typed: Mapping[str, str] | None = None,
) -> tuple[str, int]:
    texts = _texts(bench, offer)
    slots = slot_fields(offer, texts, language)
    return show(
        "offer.html",
        bench,
        outcome=outcome,
        offer=offer,
        offers=offers(),
        editing=language,
        slots=slots,
        typed={} if typed is None else typed,
        own_languages=languages_with_texts(bench.languages, texts),
        trial=trial_form(bench, offer=offer, language=language),
        gate_fixed="",
        is_notice=offer == NOTICE_OFFER,
        is_changed=bench.is_changed(_SECTION, offer),
        offer_names=offer_names(),
        slot_names=slot_names(),
    )


def _texts(bench: Workbench, offer: str) -> Texts:
    return bench.catalogue.texts.get(offer, {})


def _as_texts(document: Mapping[str, object]) -> dict[str, dict[str, str]]:
    return {slot: dict(own) for slot, own in document.items() if isinstance(own, Mapping)}


def _taken_back(form: Mapping[str, str], language: str) -> dict[str, str]:
    """Return the field that goes back to the shipped text, emptied, if that button was pressed."""
    slot = form.get("shipped")
    return {} if slot is None else {f"{slot}.{language}": ""}


def _language(bench: Workbench, wanted: str | None) -> str:
    if wanted in bench.languages:
        return str(wanted)
    return reader_language() if reader_language() in bench.languages else bench.languages[0]


def _require(offer: str) -> None:
    if offer not in offers():
        raise NotFound("unknown_key", f"There is no built-in offer '{offer}'.")
