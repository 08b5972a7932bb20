/* Small conveniences on pages that work without them. No inline handlers: the policy of the pages forbids those. */

const TOAST_MS = 6000;
const doc = document;

/* The server prints instants in the reader's zone, which only the browser knows. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !doc.cookie.split("; ").includes(`liftgate_zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  doc.cookie = `liftgate_zone=${zone}; Path=/admin; Max-Age=31536000; SameSite=Lax${secure}`;
}

doc.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    openDialog(doc.getElementById(opener.dataset.opens));
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    event.preventDefault();
    if (closer.dataset.closes === "toast") closer.closest(".toast").remove();
    else closer.closest("dialog").close();
  }
  for (const menu of doc.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

doc.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  /* A link with the role of a button answers the space bar, as buttons do. */
  if (event.key === " " && event.target.matches?.("a[role=button]")) {
    event.preventDefault();
    event.target.click();
  }
  const writes = event.target.matches?.("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = doc.querySelector("main input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
}

/* What a form holds is not thrown away by a slip: only forms that say `data-keep`. */
const touched = new Set();
doc.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-keep]")) touched.add(form);
});
doc.addEventListener("submit", (event) => {
  touched.delete(event.target);
  const button = event.submitter;
  /* Sent once: a second press while the answer is on its way is a slip. */
  if (button?.ariaBusy === "true") event.preventDefault();
  else if (button && event.target.method === "post") button.ariaBusy = "true";
});
addEventListener("pageshow", () => doc.querySelectorAll("button[aria-busy]").forEach((button) => (button.ariaBusy = null)));
doc.addEventListener("htmx:finally:request", () =>
  doc.querySelectorAll("button[aria-busy]").forEach((button) => (button.ariaBusy = null)));
addEventListener("beforeunload", (event) => {
  if ([...touched].some((form) => form.isConnected)) event.preventDefault();
});

/* A filter applies as soon as it is chosen. */
doc.addEventListener("change", (event) => {
  if (event.target.matches("form[data-applies] select")) event.target.form.requestSubmit();
});

/* Buttons that send without a form carry the token in a header. */
doc.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "GET") request.headers["X-CSRF-Token"] = doc.querySelector("meta[name=csrf-token]").content;
});

/* After a refusal the reader is where the first wrong field is; a new dialog that wants to be open is. */
function settle(root) {
  for (const dialog of root.querySelectorAll("dialog[data-open]")) openDialog(dialog);
  const wrong = root.querySelector("[aria-invalid=true]");
  if (wrong && !root.contains(doc.activeElement?.closest("[aria-invalid=true]"))) wrong.focus();
}
function isLate(event) {
  return event.detail.ctx?.sourceElement?.matches?.("[data-late]");
}
function fadeToasts() {
  for (const toast of doc.querySelectorAll(".toast:not(.toast-error, [data-seen])")) {
    toast.dataset.seen = "";
    setTimeout(() => toast.remove(), TOAST_MS);
  }
}
settle(doc);
fadeToasts();
doc.addEventListener("htmx:after:swap", (event) => {
  /* What a page fetches once it is there comes while the reader is at something else. */
  if (!isLate(event)) settle(doc.querySelector("main") ?? doc);
  fadeToasts();
});

class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#copy);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#copy);
  }

  #copy = async ({ target }) => {
    const button = target.closest("button");
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.text);
    } catch {
      /* Not allowed, or no secure context: select it, so that one key press copies. */
      getSelection().selectAllChildren(this.parentElement.querySelector("code"));
      return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 2000);
  };
}
if (!customElements.get("copy-button")) customElements.define("copy-button", CopyButton);
