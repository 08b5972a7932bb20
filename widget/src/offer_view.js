/**
 * The offer as the reader first sees it: a pure function from a payload to one node. Nodes are made by the `build`
 * function that is passed in, so it runs without a DOM as well.
 *
 * @import {Action, Build, Option, Payload} from "./types.js"
 */

import { card, control, row } from "./frame.js";

/** What a link may point at: an allow-list, since `javascript:` and its disguises would run in the host's page. */
const SAFE_ADDRESS = /^(https?:|mailto:|\/)/i;

/** @param {Build} build @param {Payload} payload @param {string} [chosen] id of the option chosen earlier */
export function offerView(build, { content, labels, presentation, actions }, chosen) {
  const { eyebrow, title, body, usage, grandfathering, bullets = [], options = [], legal } = content;
  return card(build, {
    close: presentation?.dismissible !== false && labels.close,
    mark: eyebrow && build("p", { class: "eyebrow" }, eyebrow),
    title,
    body: [
      build("p", { id: "body" }, body),
      usage && build("dl", { class: "usage" }, row(build, usage.label, usage.text)),
      usage && build("progress", { "aria-label": usage.label, value: usage.percent, max: 100 }),
      ...[usage?.note, grandfathering?.text].map((text) => text && build("small", {}, text)),
      bullets[0] && build("ul", {}, ...bullets.map((text) => build("li", {}, text))),
      options[1] ? choice(build, labels.interval, options, chosen) : options[0] && price(build, options[0]),
    ],
    controls: actions.map((action) => actionControl(build, action)),
    legal,
  });
}

/** @param {Build} build @param {string} legend @param {Option[]} options @param {string | undefined} chosen */
function choice(build, legend, options, chosen) {
  return build(
    "fieldset",
    {},
    build("legend", {}, legend),
    ...options.map((option) =>
      build(
        "label",
        {},
        build("input", {
          type: "radio",
          name: "option",
          value: option.id,
          checked: chosen ? option.id === chosen : option.selected,
        }),
        build("b", {}, option.label, " ", option.saving && build("mark", {}, option.saving)),
        price(build, option),
      ),
    ),
  );
}

/** @param {Build} build @param {Option} option */
function price(build, option) {
  return build("span", {}, build("strong", {}, option.price), " " + option.price_note);
}

/**
 * Kinds that a later server may send and this version does not know are left out, and so is an address nobody should
 * be sent to.
 *
 * @param {Build} build
 * @param {Action} action
 */
function actionControl(build, { kind, label, style, href }) {
  if (/^(checkout|request_upgrade|dismiss)$/.test(kind)) return control(build, kind, label, style);
  return (
    // Of these browsers none lets a page that opens in a new tab reach the one it was opened from.
    /^(contact_sales|url)$/.test(kind) &&
    SAFE_ADDRESS.test(href ?? "") &&
    build("a", { class: style, "data-do": kind, target: "_blank", href }, label)
  );
}
