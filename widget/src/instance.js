/** @import {Options, Outcome, Payload, Send} from "./types.js" */

import { showOffer } from "./offer.js";

/**
 * Answers an instance. It holds everything: two of them on a page do not know of each other.
 *
 * @param {Options} options
 * @example
 * const liftgate = configure({ tokenUrl: "/_liftgate/token" });
 * const response = await liftgate.fetch("/reports/export", { method: "POST" });
 */
export function configure(options) {
  /** Taken before `watch` replaces it, so that our own calls never come back to us. @type {Send} */
  const send = options.fetch ?? fetch.bind(globalThis);
  /** @type {Promise<Outcome> | undefined} */
  let current;
  /** @type {(() => void) | undefined} */
  let unwatch;

  const instance = {
    /**
     * Shows a payload and answers what came of it. While a modal is open, a further call shares its outcome: a page
     * that is refused three times at once asks its reader once. `retry` runs after an upgrade; what it answers becomes
     * `result`.
     *
     * @param {Payload} payload
     * @param {{retry?: (customerVersion?: number | null) => unknown}} [options]
     * @returns {Promise<Outcome>}
     */
    async open(payload, { retry } = {}) {
      const outcome = await (current ??= showOffer(payload, options, send).finally(() => {
        current = undefined;
      }));
      return retry && outcome.outcome === "upgraded"
        ? { ...outcome, result: await retry(outcome.customerVersion) }
        : outcome;
    },

    /**
     * `fetch`, except that a refusal with an offer opens the modal. After an upgrade the request is made again and its
     * answer returned; otherwise the refusal is.
     *
     * @param {any} input
     * @param {RequestInit} [init]
     * @returns {Promise<Response>}
     */
    async fetch(input, init) {
      // A body can be read once, so a request object is sent as a copy.
      const response = await send(input.clone?.() ?? input, init);
      const payload = await offerIn(response);
      if (!payload) return response;
      const { outcome, customerVersion } = await instance.open(payload);
      if (outcome !== "upgraded") return response;
      const headers = new Headers(init?.headers ?? input.headers);
      if (customerVersion) headers.set("Liftgate-Version", /** @type {any} */ (customerVersion));
      return send(input, { ...init, headers });
    },

    /** Lets every same-origin `window.fetch` of the page behave like `fetch` above; answers how to undo it. */
    watch() {
      const original = window.fetch;
      const watching = (/** @type {any} */ input, /** @type {RequestInit | undefined} */ init) =>
        new URL(input.url ?? input, document.baseURI).origin === origin
          ? instance.fetch(input, init)
          : original(input, init);
      return (unwatch ??=
        ((window.fetch = watching),
        () => {
          unwatch = undefined;
          // Somebody may have wrapped ours since; their wrapper is not ours to remove.
          if (window.fetch === watching) window.fetch = original;
        }));
    },
  };
  return instance;
}

/** @param {Response} response @returns {Promise<any>} */
async function offerIn(response) {
  const type = /** @type {any} */ (response.headers.get("content-type"));
  if (response.status !== 402 || !/problem\+json/.test(type)) return;
  const problem = await response.clone().json().catch(() => undefined);
  return problem?.code === "upgrade_required" && problem.payload;
}
