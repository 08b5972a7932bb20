/**
 * Makes an element from text only: no markup is ever parsed, which is what Trusted Types ask for and what keeps a
 * product manager's text from running. Absent attributes and children are left out.
 *
 * @type {import("./types.js").Build}
 */
export function build(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) {
    const value = attributes[name];
    if (value || value === 0) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

/**
 * A style sheet made by script, which no content security policy forbids.
 *
 * @param {string} text
 */
export function sheetOf(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
