import { LiftgateModal } from "./element.js";

/** Registers the element. A page that loads the module twice keeps the first definition. */
export function define() {
  if (!customElements.get("liftgate-modal")) customElements.define("liftgate-modal", LiftgateModal);
}
