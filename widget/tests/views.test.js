import assert from "node:assert/strict";
import { test } from "node:test";

import { offerView } from "../src/offer_view.js";
import { messageView, reviewView } from "../src/order_views.js";
import { all, build, order, PAYLOAD, text } from "./scene.js";

/** @param {object} content */
const withContent = (content) => ({ ...PAYLOAD, content: { title: "T", body: "B", ...content } });

test("the offer shows every part of the payload in reading order", () => {
  const said = text(offerView(build, PAYLOAD));

  const parts = ["Limit reached", "More boards", "3 of 3", "3 / 3", "Unlimited", "Monthly", "€29", "Save 17 %", "Upgrade", "Cancel"];
  const places = parts.map((part) => said.indexOf(part));
  assert.deepEqual(places, places.toSorted((one, other) => one - other));
  assert.ok(places.every((place) => place >= 0));
});

test("what is absent leaves nothing behind", () => {
  const view = offerView(build, withContent({}));

  for (const tag of ["ul", "dl", "progress", "fieldset", "strong", "small"]) assert.deepEqual(all(view, tag), []);
});

test("the selected option is checked unless the reader has chosen", () => {
  const checked = (/** @type {any} */ view) => all(view, "input").filter((input) => input.checked).map(({ value }) => value);

  assert.deepEqual(checked(offerView(build, PAYLOAD)), ["month"]);
  assert.deepEqual(checked(offerView(build, PAYLOAD, "year")), ["year"]);
});

test("a single option is a price, not a choice", () => {
  const view = offerView(build, withContent({ options: PAYLOAD.content.options.slice(0, 1) }));

  assert.deepEqual(all(view, "input"), []);
  assert.equal(text(all(view, "strong")[0]), "€29");
});

test("a usage of nothing still has a bar", () => {
  const usage = { label: "Boards", text: "0 / 3", used: 0, limit: 3, percent: 0 };

  assert.equal(all(offerView(build, withContent({ usage })), "progress")[0].value, 0);
});

for (const kind of ["start_trial", "custom", "__proto__", "constructor"])
  test(`an action of the unknown kind ${kind} is left out`, () => {
    const view = offerView(build, { ...PAYLOAD, actions: [{ kind, label: "?", style: "primary" }] });

    assert.deepEqual(all(view, "button").map((button) => button["data-do"]), ["close"]);
  });

for (const [href, offered] of /** @type {[any, number][]} */ ([
  ["https://example.com/", 1],
  ["http://example.com/", 1],
  ["mailto:sales@example.com", 1],
  ["/contact", 1],
  ["javascript:alert(1)", 0],
  ["\tjavascript:alert(1)", 0],
  ["JaVaScRiPt:alert(1)", 0],
  ["data:text/html,x", 0],
  ["blob:https://example.com/1", 0],
  ["", 0],
  [null, 0],
]))
  test(`a link to ${JSON.stringify(href)} is ${offered ? "offered" : "left out"}`, () => {
    const view = offerView(build, { ...PAYLOAD, actions: [{ kind: "url", label: "Read", style: "secondary", href }] });

    assert.equal(all(view, "a").length, offered);
  });

test("the end of the reader's plan version is told, and only when there is one", () => {
  const grandfathering = { text: "Pro changes on January 1.", until: "2027-01-01T00:00:00Z" };

  const [told, silent] = [{ grandfathering }, {}].map((more) => offerView(build, withContent(more)));

  assert.match(text(told), /Pro changes on January 1\./);
  assert.doesNotMatch(text(silent), /changes on/);
});

test("an offer that is not dismissible has no close button", () => {
  const view = offerView(build, { ...PAYLOAD, presentation: { dismissible: false } });

  assert.deepEqual(all(view, "button").map((button) => button["data-do"]), ["checkout", "dismiss"]);
});

test("the review names what is ordered and what it costs today", () => {
  const view = reviewView(/** @type {any} */ (order("pending")))(build, PAYLOAD);

  assert.equal(text(all(view, "dl")[0]), "Plan|Pro|<total>|€29");
  assert.deepEqual(all(view, "button").map((button) => button["data-do"]), ["confirm", "back", "close"]);
});

for (const name of /** @type {const} */ (["pending", "requested", "success"]))
  test(`the ${name} view says its sentence and can be closed`, () => {
    const view = messageView(name)(build, PAYLOAD);

    assert.match(text(view), new RegExp(`<${name}_title>.*<${name}_body>.*<close>`));
    assert.deepEqual(all(view, "button").map((button) => button["data-do"]), ["close", "close"]);
  });
