/** What the tests of the pure parts share: a payload, an order, and a `build` that makes plain objects. */

/** @type {any} */
export const PAYLOAD = {
  schema: 1,
  impression_id: "imp_1",
  offer: { key: "builtin.limit_reached", version: 1 },
  trigger: "limit_reached",
  gate: "boards.create",
  language: "en",
  direction: "ltr",
  presentation: { kind: "modal", dismissible: true, auto_close: true },
  content: {
    eyebrow: "Limit reached",
    title: "More boards with Pro",
    body: "You have 3 of 3 boards.",
    bullets: ["Unlimited boards"],
    usage: { label: "Boards", text: "3 / 3", used: 3, limit: 3, percent: 100 },
    options: [
      { id: "month", plan: "pro", addon: null, quantity: 1, interval: "month", currency: "EUR", price: "€29", price_note: "per month", label: "Monthly", selected: true },
      { id: "year", plan: "pro", addon: null, quantity: 1, interval: "year", currency: "EUR", price: "€290", price_note: "per year", label: "Yearly", saving: "Save 17 %" },
    ],
    legal: "Cancel any time.",
  },
  labels: new Proxy({}, { get: (_, name) => `<${String(name)}>` }),
  actions: [
    { kind: "checkout", label: "Upgrade now", style: "primary" },
    { kind: "dismiss", label: "Not now", style: "secondary" },
  ],
};

/** @param {string} status @param {object} [next] */
export function order(status, next = { kind: "none" }) {
  const summary = { lines: [{ label: "Plan", text: "Pro" }], total: "€29", note: "Renews every month." };
  return { id: "ord_1", status, next, customer_version: status === "completed" ? 8 : null, summary };
}

/** @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children */
export function build(tag, attributes = {}, ...children) {
  return { tag, ...attributes, children: children.filter(Boolean) };
}

/** All nodes of a tree with this tag. @param {any} node @param {string} tag @returns {any[]} */
export function all(node, tag) {
  return [...(node.tag === tag ? [node] : []), ...(node.children ?? []).flatMap((/** @type {any} */ child) => all(child, tag))];
}

/** All text of a tree. @param {any} node @returns {string} */
export function text(node) {
  return node.children ? node.children.map(text).join("|") : String(node);
}

/** @param {number} status @param {unknown} body */
export function answer(status, body) {
  return new Response(JSON.stringify(body), { status });
}
