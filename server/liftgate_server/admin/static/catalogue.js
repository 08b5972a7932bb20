/**
 * The catalogue's pages: cells of the matrix edited in place, and the live preview of an offer.
 * Without this script every cell is a link to a page of its own, and the preview a button.
 */

/** The widget itself draws the preview; it is fetched when the first preview is on a page. */
const WIDGET = "/widget/liftgate.js";

/** Long enough for a word, short enough to feel at once. */
const TYPING_MS = 250;

/** Between a cell and its editor. */
const GAP = 4;

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-10, 0], PageDown: [10, 0] };

/** A table whose links are moved between with the arrow keys and opened in place. */
class MatrixGrid extends HTMLElement {
  #listening;
  /** @type {HTMLAnchorElement | null} */
  #opened = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.addEventListener("keydown", (event) => this.#move(event), { signal });
    this.addEventListener("click", (event) => this.#open(event), { signal });
    this.addEventListener("focusin", (event) => this.#settle(event.target), { signal });
    this.editor.addEventListener("keydown", (event) => this.#cancel(event), { signal });
    this.editor.addEventListener("click", (event) => event.target.closest("[data-close]") && this.#close(event), { signal });
    this.editor.addEventListener("htmx:after:settle", () => this.#place(), { signal });
    document.addEventListener("cell-saved", () => this.#close(), { signal });
    document.addEventListener("pointerdown", (event) => this.#leave(event), { signal });
    this.addEventListener("scroll", () => this.#place(), { signal, capture: true });
    addEventListener("resize", () => this.#place(), { signal });
    this.#settle(this.querySelector("tbody a"));
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  get editor() {
    return document.getElementById("cell-editor");
  }

  /** The links of the table, row by row. */
  get rows() {
    return [...this.querySelectorAll("tr")].map((row) => [...row.querySelectorAll("a")]).filter((row) => row.length);
  }

  /** One link of the table is reached by Tab, the last one that had the focus. */
  #settle(link) {
    if (!link?.matches?.("a")) return;
    for (const other of this.querySelectorAll("a")) other.tabIndex = other === link ? 0 : -1;
  }

  #move(event) {
    const rows = this.rows;
    const row = rows.findIndex((links) => links.includes(event.target));
    if (row < 0 || event.altKey || event.metaKey) return;
    const column = rows[row].indexOf(event.target);
    const goal = this.#goal(event, rows, row, column);
    if (goal) {
      event.preventDefault();
      goal.focus();
      goal.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else if (event.key === "F2" || event.key === " ") {
      event.preventDefault();
      event.target.click();
    }
  }

  #goal(event, rows, row, column) {
    const { key, ctrlKey } = event;
    if (key === "Home") return rows[ctrlKey ? 0 : row][0];
    if (key === "End") return rows[ctrlKey ? rows.length - 1 : row].at(-1);
    const step = STEPS[key];
    if (!step) return null;
    const links = rows[Math.min(Math.max(row + step[0], 0), rows.length - 1)];
    return links[Math.min(Math.max(column + step[1], 0), links.length - 1)];
  }

  async #open(event) {
    const link = event.target.closest("td a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.#close();
    this.#opened = link;
    link.setAttribute("aria-expanded", "true");
    // The header names the piece that is wanted; htmx would name the link.
    const headers = { "HX-Target": "div#cell-editor" };
    await htmx.ajax("GET", link.href, { source: link, target: this.editor, swap: "innerHTML", headers });
    if (this.#opened !== link) return;
    this.editor.showPopover();
    this.#place();
    this.#begin();
  }

  /** The focus starts where most changes are made: at the limit, or at the choice that holds. */
  #begin() {
    const find = (selector) => this.editor.querySelector(selector);
    const choice = find("[name=given]:checked:not([value=limited])") ?? find("[name='[0].limit']") ?? find("input:checked");
    (choice ?? find("select, input:not([type=hidden])") ?? find("button"))?.focus();
  }

  /** Beside its cell, and within the window. On a phone the style sheet puts it at the bottom. */
  #place() {
    const editor = this.editor;
    if (!this.#opened || !editor.matches(":popover-open")) return;
    const { offsetWidth: width, offsetHeight: height } = editor;
    const cell = this.#opened.closest("td").getBoundingClientRect();
    const below = cell.bottom + GAP + height < innerHeight;
    const above = cell.top - GAP - height > 0;
    const right = cell.right + GAP + width < innerWidth;
    const beside = right ? cell.right + GAP : cell.left - GAP - width;
    const left = below || above ? Math.min(cell.left, innerWidth - width - 12) : beside;
    const top = below ? cell.bottom + GAP : above ? cell.top - GAP - height : innerHeight - height - 8;
    editor.style.setProperty("--left", `${Math.max(8, left)}px`);
    editor.style.setProperty("--top", `${Math.max(8, top)}px`);
  }

  #cancel(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  }

  #leave(event) {
    if (this.#opened && !this.editor.contains(event.target) && !this.contains(event.target)) this.#close();
  }

  #close(event) {
    event?.preventDefault?.();
    const link = this.#opened;
    if (!link) return;
    this.#opened = null;
    // A saved cell is another element with the same address.
    const now = this.querySelector(`td a[href="${CSS.escape(link.getAttribute("href"))}"]`);
    now?.removeAttribute("aria-expanded");
    if (this.editor.matches(":popover-open")) this.editor.hidePopover();
    this.editor.replaceChildren();
    now?.focus();
    this.#settle(now);
  }
}

/** Shows what a refused reader would see, as its form is typed into. It takes no focus and has no effect. */
class OfferPreview extends HTMLElement {
  #listening;
  #timer;
  #asked = 0;
  #payload;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.stage = this.querySelector("[data-stage]");
    this.says = this.querySelector("[data-says]");
    // The controls of the case stand outside of the form they belong to.
    for (const part of [this.form, this]) part.addEventListener("input", (event) => this.#later(event), { signal });
    this.addEventListener("change", () => this.#draw(), { signal });
    // Not for what a page fetches once it is there, which is no part of the form.
    const isLate = ({ detail }) => detail.ctx?.sourceElement?.matches?.("[data-late]");
    document.addEventListener("htmx:after:swap", (event) => isLate(event) || this.#refresh(), { signal });
    // What is shown at first came with the page.
    this.#show(JSON.parse(this.querySelector("[data-first]").textContent));
  }

  disconnectedCallback() {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  get form() {
    return document.getElementById(this.getAttribute("form"));
  }

  #later(event) {
    if (event.target.closest("[data-look]")) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(), TYPING_MS);
  }

  async #refresh() {
    const asked = ++this.#asked;
    const answer = await fetch(this.getAttribute("address"), {
      method: "POST",
      body: new FormData(this.form),
      headers: { Accept: "application/json" },
    }).catch(() => undefined);
    // Only the answer to what was typed last counts.
    if (asked !== this.#asked || !answer?.ok) return;
    const found = await answer.json();
    this.#complain(found.problems);
    this.#show(found);
  }

  #show({ payload, notice, says }) {
    this.#payload = payload;
    this.#tell(notice);
    this.says.textContent = says;
    this.#draw();
  }

  /** A notice is no modal: its title, text and incentive stand as they would in the host's page. */
  #tell(words) {
    const place = this.querySelector("[data-notice]");
    place.hidden = !words;
    place.replaceChildren(
      ...(words ?? []).filter(Boolean).map((text, index) => {
        const line = document.createElement(index ? "p" : "strong");
        line.textContent = text;
        return line;
      }),
    );
  }

  #complain(problems) {
    for (const place of this.form.querySelectorAll("[data-live]")) place.textContent = problems[place.dataset.live] ?? "";
  }

  async #draw() {
    const look = this.querySelector("[data-look] :checked")?.value ?? "desktop";
    this.stage.dataset.look = look;
    this.stage.hidden = !this.#payload;
    if (!this.#payload) return;
    await import(WIDGET);
    const modal = document.createElement("liftgate-modal");
    modal.setAttribute("preview", "");
    modal.setAttribute("theme", look === "dark" ? "dark" : "light");
    this.stage.replaceChildren(modal);
    modal.show(this.#payload);
  }
}

for (const [name, element] of [["matrix-grid", MatrixGrid], ["offer-preview", OfferPreview]])
  if (!customElements.get(name)) customElements.define(name, element);
