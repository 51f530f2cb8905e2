// Amounts and quantities as people write them. Amounts are whole fen; quantities are decimal strings of at most four
// places ("1", "0.485"), worked with as whole ten-thousandths, so that nothing is ever a float.

const UNIT = 10000;

/** 123456 → "1,234.56" */
export function plain(amount) {
  const whole = Math.floor(Math.abs(amount) / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount < 0 ? "-" : ""}${whole}.${String(Math.abs(amount) % 100).padStart(2, "0")}`;
}

/** 123456 → "¥1,234.56" */
export function money(amount) {
  return amount < 0 ? `-¥${plain(-amount)}` : `¥${plain(amount)}`;
}

/** What was typed as an amount, in fen; null when it is none. "12", "12.5" and "1,200" are amounts. */
export function amountOf(text) {
  const match = /^(\d{1,11})(?:\.(\d{0,2}))?$/.exec(String(text).replace(/[,¥￥\s]/g, ""));
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}

/** How an amount stands in a field: 1250 → "12.50", 1200 → "12". */
export function typed(amount) {
  return amount % 100 ? plain(amount).replace(/,/g, "") : String(amount / 100);
}

/** "0.485" → 4850; null when it is no quantity. */
export function unitsOf(text) {
  const match = /^(\d{1,8})(?:\.(\d{0,4})0*)?$/.exec(String(text).trim());
  return match ? Number(match[1]) * UNIT + Number((match[2] ?? "").padEnd(4, "0")) : null;
}

/** 4850 → "0.485" */
export function quantityOf(units) {
  const rest = String(units % UNIT).padStart(4, "0").replace(/0+$/, "");
  return `${Math.floor(units / UNIT)}${rest ? `.${rest}` : ""}`;
}

/** "2.0000", "克" → "2 克" */
export function counted(quantity, unit) {
  return [quantityOf(unitsOf(String(quantity)) ?? 0), unit].filter(Boolean).join(" ");
}

/** `quantity` more or less by `by` whole units; never below zero. */
export function stepped(quantity, by) {
  return quantityOf(Math.max(unitsOf(quantity) + by * UNIT, 0));
}

/** "9" and "90" pay ninety per cent, "88" and "8.8" eighty-eight: what is paid in basis points, or null. */
export function paysOf(text) {
  const match = /^(\d{1,2})(?:\.(\d))?$/.exec(text.trim());
  if (!match) return null;
  const tenths = Number(match[1]) * 10 + Number(match[2] ?? 0);
  return tenths ? tenths * (tenths < 100 ? 100 : 10) : null;
}

/** As a shop says it: 9000 is "9", 8800 is "88". */
export function shareOf(paysBp) {
  return String(paysBp / 100).replace(/0$/, "");
}

/** Notes a customer is likely to put down for `due`: the exact amount first, at most four. */
export function likelyCash(due) {
  const found = [due];
  for (const step of [100, 500, 1000, 2000, 5000, 10000]) {
    const next = Math.ceil(due / step) * step;
    if (!found.includes(next)) found.push(next);
  }
  return found.sort((a, b) => a - b).slice(0, 4);
}

/** A new UUID, also where the page has no secure context. */
export function newUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
