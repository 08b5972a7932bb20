/**
 * The custom element: shows the views in a native dialog and reports what the reader does. It knows nothing of servers,
 * orders or tokens; whoever opens it listens to its events and tells it which view comes next.
 *
 * @import {Payload, Reason, View, ViewName} from "./types.js"
 */

import css from "./style.css";
import { build, sheetOf } from "./build.js";
import { offerView } from "./offer_view.js";

/**
 * Clicks this soon after a view appeared were aimed at what was there before it: the second half of a double click, or
 * a held Enter key. They must not buy.
 */
const IGNORED_MS = 400;

export class LiftgateModal extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  /** @type {HTMLDialogElement} */
  #dialog = build("dialog", { "aria-labelledby": "title", "aria-describedby": "body" });
  #busy = false;
  #pressedOutside = false;
  #presentedAt = 0;
  /** @type {ViewName} */
  #view = "offer";
  /** @type {AbortController | undefined} */
  #listening;
  /** @type {any} */
  #payload;
  /** @type {string | undefined} */
  #chosen;
  /** Set whenever somebody can have reason to `wait` or `fail`. @type {any} */
  #pressed;
  /** @type {((reason: Reason) => void) | undefined} */
  #finish;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheetOf(css)];
    this.#root.append(this.#dialog);
  }

  connectedCallback() {
    this.#listening = new AbortController();
    /** @type {Record<string, (event: any) => void>} */
    const listeners = {
      click: (event) => this.#click(event),
      keydown: (event) => this.#keydown(event),
      pointerdown: (event) => {
        this.#pressedOutside = event.target === this.#dialog;
      },
      cancel: (event) => {
        event.preventDefault();
        this.#leave("escape");
      },
      // A browser may close a dialog without asking when Escape is pressed twice.
      close: () => this.close("escape"),
    };
    for (const type in listeners)
      this.#dialog.addEventListener(type, /** @type {EventListener} */ (listeners[type]), this.#listening);
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.close("removed");
  }

  /**
   * Shows the payload's offer and answers, once closed, why it was closed. With the attribute `preview` it is drawn in
   * place and takes neither the focus nor clicks.
   *
   * @param {Payload} payload
   * @returns {Promise<Reason>}
   */
  show(payload) {
    const dialog = this.#dialog;
    this.#payload = payload;
    dialog.lang = payload.language;
    dialog.dir = payload.direction ?? "ltr";
    // Where this sets nothing the style sheet decides, which follows the reader's system.
    dialog.style.colorScheme = /** @type {any} */ (this.getAttribute("theme"));
    // Above everything, the host's own open dialogs included.
    if (this.#preview) dialog.open = true;
    else dialog.showModal();
    this.present("offer");
    return new Promise((resolve) => {
      if (this.#preview) return;
      const unlock = lockScroll();
      this.#finish = (reason) => {
        unlock();
        dialog.close();
        resolve(reason);
      };
      this.tell("shown");
    });
  }

  /**
   * Puts a view in place of the current one. The reader's choice in the offer outlives it.
   *
   * @param {ViewName} name
   * @param {View} [view]
   */
  present(name, view = offerView) {
    this.#view = name;
    this.#busy = false;
    this.#presentedAt = performance.now();
    this.#dialog.replaceChildren(view(build, this.#payload, this.#chosen));
    if (!this.#preview) this.#find("h2").focus();
  }

  /** Says that work goes on. Until another view or a failure, the reader can neither press nor close. */
  wait() {
    this.#busy = true;
    this.#say("working", "working");
  }

  /** Says that it did not work; the button that was pressed offers to try again. Nothing else changes. */
  fail() {
    this.#busy = false;
    this.#say("error", "retry");
  }

  /** @param {Reason} reason */
  close(reason) {
    const finish = this.#finish;
    this.#finish = undefined;
    if (finish && this.#view !== "success") this.tell("dismissed", { reason, view: this.#view });
    finish?.(reason);
  }

  /**
   * Events are facts for whoever listens on the page.
   *
   * @param {string} name
   * @param {object} [facts]
   */
  tell(name, facts) {
    const detail = { payload: this.#payload, ...facts };
    this.dispatchEvent(new CustomEvent("liftgate:" + name, { bubbles: true, composed: true, detail }));
  }

  get #preview() {
    return this.hasAttribute("preview");
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const control = target.closest("[data-do]");
    const kind = control?.getAttribute("data-do");
    if (this.#preview || this.#busy || event.timeStamp - this.#presentedAt < IGNORED_MS) event.preventDefault();
    // A press that began on the card and was let go outside, as when selecting text, is no click on the backdrop.
    else if (target === this.#dialog && this.#pressedOutside) this.#leave("backdrop");
    else if (kind === "close" || kind === "dismiss") this.close(kind);
    else if (control) {
      this.#pressed = control;
      this.#chosen = /** @type {any} */ (this.#find("input:checked"))?.value ?? this.#chosen;
      this.tell("action", { kind, option: this.#chosen, link: control.getAttribute("href") });
    }
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    // The page behind is inert; its keyboard shortcuts are part of it.
    event.stopPropagation();
    if (event.key !== "Tab") return;
    event.preventDefault();
    /** @type {any[]} */
    const stops = [...this.#root.querySelectorAll("input:checked,a,button")];
    const at = stops.indexOf(this.#root.activeElement);
    stops.at(event.shiftKey ? Math.max(at, 0) - 1 : (at + 1) % stops.length).focus();
  }

  /** @param {"escape" | "backdrop"} reason */
  #leave(reason) {
    if (!this.#busy && (this.#view !== "offer" || this.#payload.presentation?.dismissible !== false)) this.close(reason);
  }

  /** @param {"working" | "error"} sentence @param {"working" | "retry"} label of the pressed button */
  #say(sentence, label) {
    const status = this.#find("[role=status]");
    const { labels } = this.#payload;
    status.className = sentence;
    status.textContent = labels[sentence];
    this.#pressed.textContent = labels[label];
  }

  /** @param {string} selector @returns {any} */
  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

/** Keeps the page behind from scrolling, and its content from moving sideways; answers how to undo it. */
function lockScroll() {
  const gutter = innerWidth > document.documentElement.clientWidth ? "stable" : "auto";
  const lock = sheetOf(`html{overflow:hidden!important;scrollbar-gutter:${gutter}}`);
  document.adoptedStyleSheets.push(lock);
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== lock);
  };
}
