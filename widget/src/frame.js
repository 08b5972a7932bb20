/** @import {Build} from "./types.js" */

/**
 * The frame that all views share. The close button comes last in the source: focus starts on the heading, and Tab
 * should meet the choices and the actions first.
 *
 * @param {Build} build
 * @param {{title: string, body: any[], controls: any[], close?: string | false, mark?: any, legal?: string | null}} parts
 *   `close` is the label of the close button, if there is one; `mark` stands above the heading.
 */
export function card(build, { title, body, controls, close, mark, legal }) {
  return build(
    "div",
    { class: "card" },
    mark,
    build("h2", { id: "title", tabindex: -1 }, title),
    ...body,
    build("p", { role: "status" }),
    build("div", { class: "actions" }, ...controls),
    legal && build("small", {}, legal),
    close && build("button", { class: "close", "data-do": "close", "aria-label": close }, "✕"),
  );
}

/** @param {Build} build @param {string} kind @param {string} label @param {string} [style] */
export function control(build, kind, label, style) {
  return build("button", { class: style, "data-do": kind }, label);
}

/** @param {Build} build @param {string} label @param {string} text */
export function row(build, label, text) {
  return build("div", {}, build("dt", {}, label), build("dd", {}, text));
}
