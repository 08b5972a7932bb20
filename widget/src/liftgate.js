/** The module that a page loads. */

import { define } from "./define.js";
import { configure } from "./instance.js";

export { configure };

define();

// A module script has no `document.currentScript`, so the tag that carries the settings is looked up.
const script = /** @type {HTMLElement | null} */ (document.querySelector("script[data-liftgate]"));
const page = /** @type {any} */ (window);
if (script && !page.liftgate?.watch) {
  page.liftgate = configure(/** @type {any} */ (script.dataset));
  if ("watch" in script.dataset) page.liftgate.watch();
}
