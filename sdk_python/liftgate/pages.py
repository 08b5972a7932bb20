"""Pages for readers without JavaScript: a refusal, an outage, and the mark of a locked entry.

Plain HTML that needs no script and no inline style, so that it works under the strictest content security policy. Every
text is escaped here; what a product manager wrote stays text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final

from liftgate.engine.decision import Decision, Reason
from liftgate.engine.payload_model import Payload, PurchaseOption, UsageBar

__all__ = ["LANGUAGES", "STYLESHEET", "Html", "lock_mark", "outage_page", "refusal_page"]

LANGUAGES: Final = ("en", "de")
"""The languages of the texts here; the first is the fallback. A payload brings its own."""

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "back": "Back",
        "not_included": "Not in your plan",
        "limit_reached": "Limit reached",
        "refused": "Not available to you",
        "refused_title": "This is not available to you",
        "refused_body": "Your account cannot use this at the moment. Please ask whoever manages it.",
        "unavailable": "Unavailable at the moment",
        "outage_title": "This is unavailable at the moment",
        "outage_body": "We could not find out whether your plan includes this. Please try again in a minute.",
    },
    "de": {
        "back": "Zurück",
        "not_included": "Nicht in Ihrem Tarif enthalten",
        "limit_reached": "Limit erreicht",
        "refused": "Für Sie nicht verfügbar",
        "refused_title": "Das steht Ihnen nicht zur Verfügung",
        "refused_body": "Ihr Konto kann das zurzeit nicht nutzen. Bitte fragen Sie, wer es verwaltet.",
        "unavailable": "Zurzeit nicht verfügbar",
        "outage_title": "Das ist zurzeit nicht verfügbar",
        "outage_body": "Wir konnten nicht feststellen, ob Ihr Tarif das enthält. Bitte versuchen Sie es gleich erneut.",
    },
}

STYLESHEET: Final = """\
:root { color-scheme: light dark; --ink: #1c1c28; --quiet: #5b5b6b; --page: #f6f6fa; --card: #fff; --line: #dcdce6;
  --accent: #4338ca; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f2f2f7; --quiet: #b4b4c4; --page: #14141c; --card: #1f1f2b;
  --line: #3a3a4c; --accent: #a5b4fc; --on-accent: #14141c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { width: 100%; max-width: 32rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.eyebrow { margin: 0 0 .25rem; color: var(--accent); font-size: .875rem; font-weight: 600; }
.quiet { color: var(--quiet); font-size: .875rem; }
ul { margin: 0 0 1.25rem; padding-inline-start: 1.25rem; }
progress { display: block; width: 100%; height: .5rem; margin-block: .375rem; accent-color: var(--accent); }
dl { margin: 0 0 1.25rem; border-block-start: 1px solid var(--line); }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding-block: .5rem;
  border-block-end: 1px solid var(--line); }
dd { margin: 0; font-weight: 600; text-align: end; }
a { display: inline-block; padding: .625rem 1.25rem; border-radius: .625rem; background: var(--accent);
  color: var(--on-accent); font-weight: 600; text-decoration: none; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
"""

_LOCK: Final = "M12 2a5 5 0 0 0-5 5v3H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-8a2 2 0 0 0-2-2h-1V7a5 5 0 0 0-5-5zm-3 8V7a3 3 0 1 1 6 0v3z"  # noqa: E501 - one shape
_CLOCK: Final = "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1 11h-2V6h2v5h4v2z"


class Html(str):
    """Text that is HTML already; Jinja and MarkupSafe ask ``__html__`` and then leave it alone."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return itself."""
        return str(self)


def refusal_page(payload: Payload | None, *, language: str, stylesheet_url: str, back_url: str) -> Html:
    """Return the page for a refused gate: the payload as plain text, or a general sentence when there is none."""
    if payload is None:
        texts = _texts(language)
        return _page(_general(texts, "refused"), language, stylesheet_url, back_url)
    language = payload.language
    labels = {**_texts(language), **payload.labels}
    main = "".join(_refusal_parts(payload))
    return _page(
        (payload.content.title, main, labels["back"]), language, stylesheet_url, back_url, direction=payload.direction
    )


def outage_page(*, language: str, stylesheet_url: str, back_url: str) -> Html:
    """Return the page for a gate that had no data: an apology, never an offer."""
    return _page(_general(_texts(language), "outage"), language, stylesheet_url, back_url)


def lock_mark(decision: Decision, *, language: str) -> Html:
    """Return the mark beside an entry that leads to a refused gate, with a text for who cannot see it; else nothing."""
    if decision.granted:
        return Html("")
    texts = _texts(language)
    label, shape = (texts["unavailable"], _CLOCK) if decision.unknown else (texts[_lock_text(decision)], _LOCK)
    return Html(
        f'<svg class="liftgate-lock" data-liftgate-gate="{escape(decision.gate)}" role="img" '
        f'aria-label="{escape(label)}" width="14" height="14" viewBox="0 0 24 24" fill="currentColor">'
        f'<title>{escape(label)}</title><path d="{shape}"/></svg>'
    )


def _lock_text(decision: Decision) -> str:
    """Say that it is the plan, or the limit, only where it is."""
    if decision.reason is Reason.LIMIT_REACHED:
        return "limit_reached"
    return "not_included" if decision.reason in (Reason.NOT_INCLUDED, Reason.VALUE_TOO_LOW) else "refused"


def _texts(language: str) -> Mapping[str, str]:
    return _TEXTS.get(language.partition("-")[0].lower(), _TEXTS[LANGUAGES[0]])


def _general(texts: Mapping[str, str], kind: str) -> tuple[str, str, str]:
    title = texts[f"{kind}_title"]
    return title, f"<h1>{escape(title)}</h1><p>{escape(texts[f'{kind}_body'])}</p>", texts["back"]


def _refusal_parts(payload: Payload) -> Iterator[str]:
    content = payload.content
    if content.eyebrow:
        yield f'<p class="eyebrow">{escape(content.eyebrow)}</p>'
    yield f"<h1>{escape(content.title)}</h1><p>{escape(content.body)}</p>"
    if content.usage is not None:
        yield _usage(content.usage)
    if content.bullets:
        yield f"<ul>{''.join(f'<li>{escape(bullet)}</li>' for bullet in content.bullets)}</ul>"
    if content.options:
        yield _options(content.options)
    if content.legal:
        yield f'<p class="quiet">{escape(content.legal)}</p>'


def _usage(usage: UsageBar) -> str:
    note = f" · {escape(usage.note)}" if usage.note else ""
    return (
        f'<p class="quiet">{escape(usage.label)}: {escape(usage.text)}{note}'
        f'<progress max="100" value="{usage.percent}" aria-label="{escape(usage.label)}"></progress></p>'
    )


def _options(options: Iterable[PurchaseOption]) -> str:
    rows = (
        f"<div><dt>{escape(option.label)}</dt><dd>{escape(option.price)} {escape(option.price_note)}</dd></div>"
        for option in options
    )
    return f"<dl>{''.join(rows)}</dl>"


def _page(
    content: tuple[str, str, str], language: str, stylesheet_url: str, back_url: str, *, direction: str = "ltr"
) -> Html:
    title, main, back = content
    return Html(
        f'<!doctype html><html lang="{escape(language)}" dir="{escape(direction)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{escape(stylesheet_url)}"></head>'
        f'<body><main>{main}<a href="{escape(back_url)}">{escape(back)}</a></main></body></html>'
    )
