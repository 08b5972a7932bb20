/**
 * What the reader sees after the offer: pure functions from a payload (and an order) to one node.
 *
 * @import {Order, View} from "./types.js"
 */

import { card, control, row } from "./frame.js";

/** @param {Order} order @returns {View} */
export function reviewView({ summary: { lines, total, note } }) {
  return (build, { labels }) =>
    card(build, {
      close: labels.close,
      title: labels.review_title,
      body: [
        build(
          "dl",
          { id: "body", class: "review" },
          ...lines.map(({ label, text }) => row(build, label, text)),
          row(build, labels.total, total),
        ),
      ],
      controls: [control(build, "confirm", labels.confirm, "primary"), control(build, "back", labels.back, "secondary")],
      legal: note,
    });
}

/**
 * A heading, a sentence and a way out.
 *
 * @param {"pending" | "requested" | "success"} name
 * @returns {View}
 */
export function messageView(name) {
  return (build, { labels }) =>
    card(build, {
      close: labels.close,
      mark: name !== "pending" && build("p", { class: "done" }),
      title: labels[`${name}_title`],
      body: [build("p", { id: "body" }, labels[`${name}_body`])],
      controls: [control(build, "close", labels.close, "primary")],
    });
}
