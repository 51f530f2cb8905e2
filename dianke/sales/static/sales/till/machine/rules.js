// What the till decides by itself, as plain functions: what may be sold without the server, when it warns and stops,
// when it tries again, whose clock counts. Nothing here reads a clock or a store; tests run it in Node.

export const HOUR = 3600_000;
export const MINUTE = 60_000;
/** More than this a clock is said to be wrong. */
export const SKEW_LIMIT = 5 * MINUTE;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 5 * MINUTE;

/** What the till was given, read out of the signed text: the part before the signature is JSON in base64. */
export function readGrant(token) {
  if (!token) return null;
  const text = token.slice(0, token.lastIndexOf(":")).replace(/-/g, "+").replace(/_/g, "/");
  try {
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.codePointAt(0))));
  } catch {
    return null;
  }
}

/** Nothing sold under a grant yet. */
export const UNUSED = Object.freeze({ sales: 0, total: 0, points: 0, coupons: 0, wallet: 0 });

/** What a sale takes of the limits. `priced` is the engine's answer, `payments` what is handed over. */
export function weightOf(basket, priced, payments, tenders) {
  const wallet = payments
    .filter((payment) => tenders[payment.tender]?.account === "wallet")
    .reduce((sum, payment) => sum + payment.amount, 0);
  return {
    sales: 1,
    total: priced.paid_amount,
    points: priced.points_used ?? 0,
    coupons: (basket.coupon_ids ?? []).length,
    wallet,
  };
}

export function plus(used, weight) {
  return Object.fromEntries(Object.keys(UNUSED).map((name) => [name, (used?.[name] ?? 0) + (weight[name] ?? 0)]));
}

const LIMITS = [
  ["sales", "sale_count"],
  ["total", "total_amount"],
  ["points", "points_count"],
  ["coupons", "coupon_count"],
  ["wallet", "wallet_amount"],
];

/**
 * Why this sale cannot be made without the server, before money is taken; null when it can.
 * @returns {{code: string, values: object}|null}
 */
export function refusalOffline({ basket, priced, payments, tenders, device, grant, used, now, can = {} }) {
  const no = (code, values = {}) => ({ code, values });
  if (!device) return no("no_till");
  if (!grant) return no("no_limits");
  const age = now - Date.parse(grant.issued_at);
  if (now >= Date.parse(grant.expires_at) || age >= grant.block_hours * HOUR) return no("too_long", { hours: grant.block_hours });
  for (const line of basket.lines) {
    if (["TOP_UP", "CARD", "LEVEL"].includes(line.kind)) return no("prepaid");
    if (line.session_card_id) return no("sessions");
    if ((line.unit_amount != null || line.discount_amount) && !can.change_prices) return no("hand_prices");
  }
  for (const payment of payments) {
    const tender = tenders[payment.tender];
    if (!tender) return no("tender", { tender: payment.tender });
    if (tender.adapter === "gateway") return no("channel", { tender: tender.name });
    if (tender.account === "receivable" || tender.account === "exchange") return no("on_account", { tender: tender.name });
  }
  const weight = weightOf(basket, priced, payments, tenders);
  if (weight.total > grant.sale_amount) return no("sale_amount", { allowed: grant.sale_amount });
  for (const [name, limit] of LIMITS) {
    const taken = used?.[name] ?? 0;
    if (weight[name] && taken + weight[name] > grant[limit]) {
      return no(limit, { allowed: grant[limit], left: Math.max(grant[limit] - taken, 0) });
    }
  }
  return null;
}

/** What an offer of top-ups gives for so much paid: by the highest step reached; as `given_for` of the server. */
export function givenFor({ steps, is_repeating: isRepeating }, paid) {
  const [reached] = steps.filter((step) => step.paid_amount <= paid).sort((a, b) => b.paid_amount - a.paid_amount);
  if (!reached) return 0;
  return reached.given_amount * (isRepeating ? Math.floor(paid / reached.paid_amount) : 1);
}

/** How long unsent sales wait, and whether that is too long. `grant` null: the usual 4 and 24 hours. */
export function unsentState({ count, oldestAt, broken = 0, grant, now }) {
  const age = oldestAt == null ? 0 : now - oldestAt;
  const warn = (grant?.warn_hours ?? 4) * HOUR;
  const block = (grant?.block_hours ?? 24) * HOUR;
  const isOver = grant ? now >= Date.parse(grant.expires_at) : false;
  return {
    count,
    broken,
    oldestAt: oldestAt ?? null,
    warning: count > 0 && age >= warn,
    blocked: (count > 0 && age >= block) || isOver,
  };
}

/** Milliseconds until the next try, after `tries` that failed: doubled each time, with a share of chance. */
export function waitOf(tries, chance = Math.random()) {
  const whole = Math.min(FIRST_WAIT * 2 ** Math.min(tries, 20), LONGEST_WAIT);
  return Math.round(whole / 2 + (whole / 2) * chance);
}

/** How far the clock of this device is ahead of the server's, in milliseconds: the answer's Date header has whole
 * seconds and was written between sending and receiving. A difference within those is none. */
export function skewOf({ sentAt, receivedAt, serverAt }) {
  if (!Number.isFinite(serverAt)) return null;
  const ahead = (sentAt + receivedAt) / 2 - (serverAt + 500);
  return Math.abs(ahead) <= 500 + (receivedAt - sentAt) / 2 ? 0 : Math.round(ahead);
}

/** Whether an answer settles a sale: "done", "refused" (nothing of it stands), or "again" (nobody knows; try again). */
export function verdictOf(status, code = "") {
  if (status >= 200 && status < 300) return "done";
  if (status < 400 || status === 401 || status === 408 || status === 425 || status === 429 || status >= 500) return "again";
  // An old CSRF token and a session of somebody without the permission are matters of who is signed in, not of the sale.
  if (status === 403) return "again";
  return code ? "refused" : "again";
}

/** What a refusal of an unconfirmed or offline sale leads to. The till alone makes its UUIDs: what stands under one is
 * the same sale, tried online before the line broke. */
export function afterRefusal(entry, code) {
  if (code === "sale_differs" && entry.triedOnline) return "done";
  if (entry.triedOnline && !entry.isOffline && entry.canBeOffline) return "as_offline";
  return "hold";
}
