/** @import {Options, Outcome, Send} from "./types.js" */

const LOAD_MS = 10_000;

/**
 * Shows a payload; answers, once the modal is closed, what came of it. Never throws for what the payload holds.
 *
 * @param {any} payload
 * @param {Options} options
 * @param {Send} send
 * @returns {Promise<Outcome>}
 */
export async function showOffer(payload, options, send) {
  const modal = /** @type {any} */ (document.createElement("liftgate-modal"));
  /** @type {ReturnType<typeof import("./liftgate_checkout.js").startCheckout> | undefined} */
  let checkout;
  let address = "./liftgate-checkout.js";
  modal.addEventListener("liftgate:action", async (/** @type {any} */ { detail }) => {
    if (detail.link) return;
    modal.wait();
    try {
      checkout ??= (await load(address)).startCheckout(modal, payload, options, send);
      await checkout.act(detail);
    } catch {
      // A browser remembers that a module could not be had, so the next try has another address.
      address += "?";
      modal.fail();
    }
  });
  try {
    if (!isSupported(payload)) throw payload;
    // To a browser, `auto` would be the name of a colour scheme that nobody knows, and so light.
    modal.setAttribute("theme", options.theme?.replace("auto", "") ?? "");
    document.body.append(modal);
    const reason = await modal.show(payload);
    return { outcome: "dismissed", ...checkout?.finish(), reason };
  } catch (problem) {
    // An offer that cannot be shown is no reason to break the page that wanted to show it.
    console.warn("liftgate", problem);
    return { outcome: "dismissed", reason: "unsupported" };
  } finally {
    modal.remove();
  }
}

/**
 * Only what no view can do without is looked at; anything odd deeper down makes rendering throw, which is treated the
 * same way. Only a text can be trimmed.
 *
 * @param {any} payload
 */
function isSupported({ schema, content, labels }) {
  return schema === 1 && [content.title, content.body, labels.close].every(({ trim }) => trim);
}

/** @param {string} address @returns {Promise<typeof import("./liftgate_checkout.js")>} */
function load(address) {
  return Promise.race([import(address), new Promise((_, reject) => setTimeout(reject, LOAD_MS))]);
}
