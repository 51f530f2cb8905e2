// Texts of the till in the language of the page, from <script type="application/json" id="till-texts">
// (views/till_texts.py). `say("still_due", {amount})` fills the places.
const element = document.getElementById("till-texts");
const texts = element ? JSON.parse(element.textContent) : {};

/** The sentences of the pricing engine, as pricing/tell.js wants them. */
export const { reasons = null } = texts;

/** The text called `name`, its places filled with `values`. */
export function say(name, values = {}) {
  return (texts[name] ?? name).replace(/%\((\w+)\)s/g, (place, key) => (key in values ? String(values[key]) : place));
}
