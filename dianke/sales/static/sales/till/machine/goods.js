// A row of the catalogue as the till uses it, and what scanners read, judged without asking anybody: as rules/barcodes.py
// of the catalogue does.

/** The order of a row as /till/goods sends it. */
export const [ID, PRODUCT, NAME, CODE, KIND, TRACKING, DIGITS, UNIT, CATEGORY, BRAND, TAX, AMOUNT, TIERS, STEPS, CODES, PHOTO, WORDS, BY_DAY, RANK] =
  Array.from({ length: 19 }, (_, at) => at);

/**
 * @typedef {object} Good
 * @property {number} id the variant; `product_id`, `name`, `code`, `kind`, `tracking`, `digits`, `unit`
 * @property {number|null} amount list price of one in fen; null: none, or by the day
 * @property {object|null} tiers level code → what it pays; `steps`: [[from quantity, amount, tiers], …]
 * @property {boolean} is_measured sold by weight or length
 * @property {string|null} photo address of a small picture
 */

/** A row as a `Good`. `categories`: id → {path}, `units`: id → name. */
export function goodOf(row, { categories, units }) {
  const path = categories.get(row[CATEGORY])?.path ?? [];
  return {
    id: row[ID],
    variant_id: row[ID],
    product_id: row[PRODUCT],
    name: row[NAME],
    code: row[CODE],
    kind: row[KIND],
    tracking: row[TRACKING],
    digits: row[DIGITS],
    unit: units?.get(row[UNIT]) ?? "",
    is_measured: row[DIGITS] > 0,
    is_priced_by_day: Boolean(row[BY_DAY]),
    needs_piece: row[KIND] === "PIECE",
    category_ids: row[CATEGORY] == null ? [] : [row[CATEGORY], ...[...path].reverse()],
    brand_id: row[BRAND],
    tax_rate_bp: row[TAX],
    amount: row[AMOUNT],
    tiers: row[TIERS],
    steps: row[STEPS],
    barcodes: row[CODES].map(([value]) => value),
    photo: row[PHOTO],
  };
}

/** A piece as /till/pieces and /till/scan send it: [id, variant, tag, certificate, amount, by the day, shown]. */
export function pieceOf([id, variant_id, tag, certificate, amount, byDay, label]) {
  return { id, variant_id, tag, certificate, amount, is_priced_by_day: byDay, label, codes: [tag, certificate].filter(Boolean) };
}

/** As scanned or pasted, without blanks, in plain signs. */
export function compact(text) {
  return String(text).normalize("NFKC").replace(/[\s\p{Cf}]/gu, "");
}

/** The forms a code may be kept in: as read, with the leading zero of a UPC, in capitals. */
export function spellings(code) {
  const found = new Set([code, code.toUpperCase()]);
  if (/^\d{12}$/.test(code)) found.add(`0${code}`);
  if (/^0\d{12}$/.test(code)) found.add(code.slice(1));
  return [...found];
}

/** A barcode with its check digit: nothing comes after it but Enter. */
export function isWhole(code) {
  return /^(\d{8}|\d{12}|\d{13})$/.test(code) && checkDigit(code.slice(0, -1)) === Number(code.at(-1));
}

/** Everything a scanner may read off it. */
export function codesOf(row) {
  return [...new Set([...row[CODES].map(([value]) => value), row[CODE]])].filter(Boolean);
}

/** What a label of the scale says; null when it is none or its check digit is wrong. */
export function readWeighed(code, patterns) {
  if (!/^2\d{12}$/.test(code) || checkDigit(code.slice(0, 12)) !== Number(code[12])) return null;
  const pattern = patterns.find((each) => code.startsWith(each.prefix));
  if (!pattern) return null;
  const item = code.slice(2, 2 + pattern.item_digits);
  const value = Number(code.slice(2 + pattern.item_digits, 12));
  if (pattern.holds === "PRICE") return { item, amount: Math.round((value * 100) / pattern.divisor) };
  const whole = Math.floor(value / pattern.divisor);
  const rest = String(value % pattern.divisor).padStart(String(pattern.divisor).length - 1, "0").replace(/0+$/, "");
  return { item, quantity: rest && pattern.divisor > 1 ? `${whole}.${rest}` : String(whole) };
}

function checkDigit(digits) {
  // Counted from the right: the digit beside the check digit weighs three.
  const total = [...digits].reduce((sum, digit, at) => sum + Number(digit) * ((digits.length - at) % 2 ? 3 : 1), 0);
  return (10 - (total % 10)) % 10;
}
