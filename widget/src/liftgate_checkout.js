/**
 * What `liftgate.js` loads when a reader first presses something that needs the server.
 *
 * @import {Modal} from "./checkout.js"
 * @import {Options, Payload, Send} from "./types.js"
 */

import { sheetOf } from "./build.js";
import css from "./checkout.css";
import { createCheckout } from "./checkout.js";
import { createClient } from "./client.js";

/**
 * @param {Modal & Element} modal
 * @param {Payload} payload
 * @param {Options} options
 * @param {Send} send
 */
export function startCheckout(modal, payload, options, send) {
  modal.shadowRoot?.adoptedStyleSheets.push(sheetOf(css));
  return createCheckout(modal, payload, createClient(options, send));
}
