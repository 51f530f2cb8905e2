// Codes of the engine as sentences. `texts` is what `reasons.texts()` gave, in the language of the page; `money` formats fen.
// What a place holds is told by its name, as in rules/pricing/reasons.py.

/** `{code, values}` as a sentence; `kind` is "adjustments", "passed_over" or "advice". */
export function told(kind, { code, values }, texts, money) {
  return filled(texts[kind][code] ?? code, (name) => (name in values ? shown(name, values[name], texts, money) : ""));
}

function filled(text, valueOf) {
  return text.replace(/%(?:\((\w+)\)s|%)/g, (place, name) => (name ? valueOf(name) : "%"));
}

function shown(name, value, texts, money) {
  if (typeof value === "string") return value;
  if (name === "amount" || name.endsWith("_amount")) return money(value);
  if (!name.endsWith("_bp")) return String(value);
  if (!value) return texts.shares.none;
  return filled(texts.shares.some, (unit) => String(unit === "tenths" ? value / 1000 : value / 100));
}
