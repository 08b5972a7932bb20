/**
 * The calls of the client face. Everything goes through the one `send` that is passed in.
 *
 * @import {Options, Send} from "./types.js"
 *
 * @typedef {(path: string, body?: object, key?: string) => Promise<any>} Ask
 *   Answers the body of a success; throws for anything else, with `status` when the server answered.
 */

const REQUEST_MS = 10_000;

/** A token is renewed this long before it expires, so that it lives through a slow request. */
const RENEW_EARLY_MS = 30_000;

/**
 * A client for the time of one modal. It must not outlive it: the next modal may be for another reader who logged in
 * on the same page, and the old token would then order for the wrong account.
 *
 * @param {Options} options
 * @param {Send} send
 * @param {number} [requestMs]
 * @returns {Ask}
 */
export function createClient(options, send, requestMs = REQUEST_MS) {
  /** @type {{token?: string, expires_at?: string, server?: string} | undefined} */
  let access;

  /** @param {AbortSignal} signal */
  const renew = async (signal) => {
    const { token, tokenUrl } = options;
    access = tokenUrl ? await (await send(tokenUrl, { signal, cache: "no-store" })).json() : { token: await token?.() };
    if (!access?.token) throw new Error("no token");
  };

  /** @param {AbortSignal} signal @param {Parameters<Ask>} call @param {boolean} [again] @returns {Promise<any>} */
  const request = async (signal, call, again) => {
    const [path, body, key] = call;
    // An expiry that nobody told is never ahead: then the host's function is asked each time.
    if (!(Date.parse(access?.expires_at ?? "") > Date.now() + RENEW_EARLY_MS)) await renew(signal);
    /** @type {Record<string, string>} */
    const headers = { authorization: "Bearer " + access?.token };
    if (body) headers["content-type"] = "application/json";
    if (key) headers["idempotency-key"] = key;
    const response = await send((options.server ?? access?.server ?? new URL(import.meta.url).origin) + "/v1/client/" + path, {
      method: body ? "POST" : "GET",
      body: body && JSON.stringify(body),
      headers,
      signal,
    });
    if (response.ok) return response.json();
    access = undefined;
    // The reader's clock may be wrong, so an expired token shows itself only here.
    if (response.status === 401 && !again) return request(signal, call, true);
    throw response;
  };

  return (...call) => {
    const signal = AbortSignal.timeout(requestMs);
    // The race also bounds a host's token function, which knows no signal.
    const overdue = new Promise((_, reject) => (signal.onabort = reject));
    return Promise.race([request(signal, call), overdue]);
  };
}
