import assert from "node:assert/strict";
import { test } from "node:test";

import { createCheckout } from "../src/checkout.js";
import { order, PAYLOAD } from "./scene.js";

/** Answers by path, in turn; the last answer of a path stays. An error is thrown. @param {Record<string, any[]>} answers */
function scene(answers) {
  /** @type {any[]} */
  const asked = [];
  /** @type {string[]} */
  const shown = [];
  const modal = {
    present: (/** @type {string} */ name) => shown.push(name),
    fail: () => shown.push("failed"),
    tell: (/** @type {string} */ name) => shown.push("told " + name),
    close: (/** @type {string} */ reason) => shown.push("closed " + reason),
  };
  const ask = async (/** @type {string} */ path, /** @type {any} */ body, /** @type {any} */ key) => {
    asked.push({ path, body, key });
    const list = answers[path] ?? [];
    const next = list.length > 1 ? list.shift() : list[0];
    if (!next || next instanceof Error || next.status >= 400) throw next ?? new Error(path);
    return next;
  };
  /** @type {number[]} */
  const pauses = [];
  const pause = async (/** @type {number} */ delay) => pauses.push(delay);
  const checkout = createCheckout(/** @type {any} */ (modal), PAYLOAD, ask, pause);
  return { asked, checkout, pauses, shown, act: (/** @type {string} */ kind) => checkout.act({ kind }) };
}

const GRANTED = { decision: { granted: true } };
const DENIED = { decision: { granted: false } };
const REVIEW = order("pending", { kind: "confirm" });

test("an order that is complete at once goes straight to success", async () => {
  const { act, checkout, shown } = scene({ orders: [order("completed")], check: [GRANTED] });

  await act("checkout");

  assert.deepEqual(shown.slice(0, 2), ["success", "told completed"]);
  assert.deepEqual(checkout.finish(), { outcome: "upgraded", customerVersion: 8 });
});

test("a confirmed order closes by itself", async () => {
  const { act, shown } = scene({ orders: [REVIEW], "orders/ord_1/confirm": [order("completed")], check: [GRANTED] });

  await act("checkout");
  await act("confirm");
  await Promise.resolve();

  assert.deepEqual(shown, ["review", "success", "told completed", "closed completed"]);
});

test("a gate that stays closed leaves the order pending, not failed", async () => {
  const { act, asked, checkout, shown } = scene({ orders: [order("completed")], check: [DENIED] });

  await act("checkout");

  assert.deepEqual(shown, ["pending"]);
  assert.equal(asked.filter(({ path }) => path === "check").length, 6);
  assert.deepEqual(checkout.finish(), { outcome: "pending", customerVersion: 8 });
});

test("polling slows down, and survives lost answers", async () => {
  const waiting = order("pending");
  const polls = [waiting, new Error("lost"), ...Array(7).fill(waiting), order("completed")];
  const { act, pauses, shown } = scene({ orders: [waiting], "orders/ord_1": polls, check: [GRANTED] });

  await act("checkout");

  assert.deepEqual(pauses.slice(0, 9).map(Math.round), [1000, 1500, 2250, 3375, 5063, 7594, 11391, 15000, 15000]);
  assert.deepEqual(shown.slice(0, 2), ["pending", "success"]);
});

for (const status of ["rejected", "canceled", "expired"])
  test(`an order that was ${status} leads back to the offer, as a failure`, async () => {
    const { act, checkout, shown } = scene({ orders: [order("pending", { kind: "wait" })], "orders/ord_1": [order(status)] });

    await assert.rejects(act("checkout"));

    assert.deepEqual(shown, ["pending", "offer"]);
    assert.equal(checkout.finish().outcome, "dismissed");
  });

test("the same attempt keeps its key after silence, and takes a new one after a refusal", async () => {
  const { act, asked } = scene({ orders: [new Error("lost"), { status: 503 }, { status: 409 }, REVIEW] });

  for (let tries = 0; tries < 3; tries++) await assert.rejects(act("checkout"));
  await act("checkout");

  const [lost, failed, refused, done] = asked.map(({ key }) => key);
  assert.deepEqual([failed, refused], [lost, lost]);
  assert.notEqual(done, refused);
});

test("the other option is another attempt", async () => {
  const { asked, checkout } = scene({ orders: [new Error("lost")] });

  for (const option of ["month", "year"]) await assert.rejects(checkout.act({ kind: "checkout", option }));

  assert.notEqual(asked[0].key, asked[1].key);
  assert.deepEqual(asked.map(({ body }) => body.interval), ["month", "year"]);
});

test("going back cancels, and ordering again is a new attempt", async () => {
  const { act, asked, shown } = scene({ orders: [REVIEW], "orders/ord_1/cancel": [order("canceled")] });

  await act("checkout");
  await act("back");
  await act("checkout");

  assert.deepEqual(shown, ["review", "offer", "review"]);
  assert.notEqual(asked[0].key, asked[2].key);
});

test("going back from an order whose confirmation was lost finds that it is complete", async () => {
  const { act, shown } = scene({
    orders: [REVIEW],
    "orders/ord_1/confirm": [new Error("lost")],
    "orders/ord_1/cancel": [{ status: 409 }],
    "orders/ord_1": [order("completed")],
    check: [GRANTED],
  });

  await act("checkout");
  await assert.rejects(act("confirm"));
  await act("back");

  assert.deepEqual(shown.slice(0, 2), ["review", "success"]);
});

test("leaving the review takes the order back; leaving after the confirmation does not", async () => {
  const left = scene({ orders: [REVIEW], "orders/ord_1/cancel": [order("canceled")] });
  const done = scene({ orders: [REVIEW], "orders/ord_1/confirm": [order("completed")], check: [GRANTED] });

  await left.act("checkout");
  left.checkout.finish();
  await done.act("checkout");
  await done.act("confirm");
  done.checkout.finish();

  assert.equal(left.asked.at(-1).path, "orders/ord_1/cancel");
  assert.ok(done.asked.every(({ path }) => !path.endsWith("cancel")));
});

test("a request for an upgrade ends in its own view", async () => {
  const { act, checkout, shown } = scene({ "upgrade-requests": [order("requested")] });

  await act("request_upgrade");

  assert.deepEqual(shown, ["requested"]);
  assert.deepEqual(checkout.finish(), { outcome: "requested" });
});
