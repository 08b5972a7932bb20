/**
 * From the press of a button to the open gate: drives one modal by what the server answers.
 *
 * @import {Ask} from "./client.js"
 * @import {Order, Outcome, Payload, Reason, View, ViewName} from "./types.js"
 *
 * @typedef {object} Modal
 * @property {(name: ViewName, view?: View) => void} present
 * @property {() => void} fail
 * @property {(name: string, facts?: object) => void} tell
 * @property {(reason: Reason) => void} close
 */

import { messageView, reviewView } from "./order_views.js";

/** Long enough to read the sentence, short enough not to be in the way. */
const AUTO_CLOSE_MS = 1500;

/** The entitlement arrives with the order; more than one look covers a server that needs a moment longer. */
const GRANT_DELAYS_MS = [200, 400, 800, 1600, 3000];

const FIRST_POLL_MS = 1000;
const LONGEST_POLL_MS = 15_000;

/** @param {number} delay_ms @returns {Promise<unknown>} */
const sleep = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/**
 * Answers how to go on after the reader pressed something (`act`, which rejects when it did not work) and what came of
 * it all once the modal is closed (`finish`).
 *
 * @param {Modal} modal
 * @param {Payload} payload
 * @param {Ask} ask
 * @param {typeof sleep} [pause]
 */
export function createCheckout(modal, payload, ask, pause = sleep) {
  /** @type {Outcome} */
  let outcome = { outcome: "dismissed" };
  let closed = false;
  /** @type {Order | undefined} */
  let reviewed;
  /** One per attempt, so that a repeated request, or a lost answer, never orders twice. @type {Record<string, string>} */
  let keys = {};

  /** @param {string} path @param {object} [body] */
  const post = async (path, body = {}) => {
    const attempt = path + JSON.stringify(body);
    keys[attempt] ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
    try {
      return await ask(path, body, keys[attempt]);
    } catch (problem) {
      // A refusal is final under this key; after silence the same key must be used again.
      if (/** @type {any} */ (problem).status < 500) delete keys[attempt];
      throw problem;
    }
  };

  const isGranted = async () =>
    (await ask("check", { gate: payload.gate }).catch(() => undefined))?.decision?.granted && !closed;

  /** @param {Order} order */
  const succeed = (order) => {
    modal.present("success", messageView("success"));
    modal.tell("completed", { order });
    if (payload.presentation?.auto_close) pause(AUTO_CLOSE_MS).then(() => modal.close("completed"));
  };

  /** @param {Order} order */
  const complete = async (order) => {
    outcome = { outcome: "upgraded", customerVersion: order.customer_version };
    if (await isGranted()) return succeed(order);
    // Ordered, but not open yet: the reader may leave while we go on asking.
    modal.present("pending", messageView("pending"));
    for (const delay of GRANT_DELAYS_MS) {
      await pause(delay);
      if (closed) return;
      if (await isGranted()) return succeed(order);
    }
    outcome.outcome = "pending";
  };

  /** @param {Order} order */
  const follow = async (order) => {
    const { status, next } = order;
    if (status === "completed") return complete(order);
    if (status === "requested") {
      outcome = { outcome: status };
      return modal.present(status, messageView(status));
    }
    if (status !== "pending") throw status;
    if (next.kind === "confirm") {
      reviewed = order;
      return modal.present("review", reviewView(order));
    }
    const leaves = next.kind === "redirect";
    const address = String(next.url);
    if (leaves && !/^https:/.test(address) && !address.startsWith(location.protocol)) throw address;
    outcome = { outcome: status };
    modal.present(status, messageView(status));
    // A reader who comes back from the payment page finds the waiting view, which notices that it worked.
    if (leaves) location.assign(address);
    await poll(order);
  };

  /** @param {Order} order */
  const poll = async (order) => {
    for (let delay = FIRST_POLL_MS; order.status === "pending"; delay = Math.min(delay * 1.5, LONGEST_POLL_MS)) {
      await pause(delay);
      if (closed) return;
      // A lost answer costs nothing but time.
      order = await ask("orders/" + order.id).catch(() => order);
      if (closed) return;
    }
    if (order.status === "completed") return complete(order);
    outcome = { outcome: "dismissed" };
    modal.present("offer");
    throw order.status;
  };

  /** @param {string} path @param {string | undefined} chosen */
  const order = async (path, chosen) => {
    const { gate, impression_id, content } = payload;
    const options = content.options ?? [];
    const option = options.find(({ id, selected }) => (chosen ? id === chosen : selected)) ?? options[0];
    const { plan, addon, interval, currency, quantity } = option ?? {};
    await follow(await post(path, { plan, addon, interval, currency, quantity, gate, impression_id }));
  };

  const back = async () => {
    const { id } = /** @type {Order} */ (reviewed);
    // What cannot be taken back may have been confirmed by a request whose answer was lost.
    const current = await post(`orders/${id}/cancel`).catch(() => ask("orders/" + id));
    if (current.status === "completed") return complete(current);
    reviewed = undefined;
    keys = {};
    modal.present("offer");
  };

  /** @type {Record<string, (option?: string) => Promise<void>>} */
  const works = {
    checkout: (option) => order("orders", option),
    request_upgrade: (option) => order("upgrade-requests", option),
    confirm: async () => follow(await post(`orders/${reviewed?.id}/confirm`)),
    back,
  };

  return {
    /** @param {{kind: string, option?: string}} action */
    act: ({ kind, option }) => works[kind]?.(option),

    /** @returns {Outcome} */
    finish() {
      closed = true;
      // An order that was looked at and not confirmed is taken back, as far as that can be done in passing.
      if (reviewed && outcome.outcome === "dismissed") post(`orders/${reviewed.id}/cancel`).catch(() => {});
      return outcome;
    },
  };
}
