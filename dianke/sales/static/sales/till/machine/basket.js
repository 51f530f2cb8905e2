// From a basket to what the engine is asked, and to what the server is sent: the same cart as queries/pricing.py makes,
// so that both come to the same total. Plain functions of plain values; tests run them in Node beside the server's.
import { priceCart } from "../../pricing/engine.js";
import { UNIT, atShare, halfUp, spread, sumAt, tenThousandths } from "../../pricing/exact.js";

/** code → [unit in fen, way]; as ROUNDINGS of the server. */
export const ROUNDINGS = {
  JIAO: [10, "DOWN"],
  YUAN: [100, "DOWN"],
  NEAREST_JIAO: [10, "HALF_UP"],
  NEAREST_YUAN: [100, "HALF_UP"],
};
const NOTHING = { list_amount: 0, paid_amount: 0, tax_amount: 0, points_used: 0, points_possible: 0 };

/** Something in the basket cannot be priced; `code` says what, `key` which line. */
export class CannotPrice extends Error {
  constructor(code, key = "", name = "") {
    super(code);
    Object.assign(this, { code, key, name });
  }
}

/** Time zone → what writes its clock: to make one costs more than to price a basket. */
const clocks = new Map();

/** "2026-11-13T23:00:00+08:00": an instant on the clock of the store. */
export function storeTime(instant, timeZone) {
  if (!clocks.has(timeZone)) clocks.set(timeZone, new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }));
  const shown = clocks.get(timeZone).format(instant).replace(" ", "T");
  const minutes = Math.round((Date.parse(`${shown}Z`) - Math.floor(instant / 1000) * 1000) / 60000);
  const two = (value) => String(value).padStart(2, "0");
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${shown}${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/** What one costs when so many ten-thousandths of it are bought, and what the level pays (null: the same). */
export function priceOf(good, units, tier) {
  let [, amount, tiers] = [0, good.amount, good.tiers];
  for (const [from, stepAmount, stepTiers] of good.steps ?? []) {
    if (units >= tenThousandths(from)) [amount, tiers] = [stepAmount, stepTiers];
  }
  const member = tier ? (tiers?.[tier] ?? null) : null;
  return { amount, member: member === amount ? null : member };
}

/**
 * The cart of a basket.
 * @param {object} basket as the contract has it
 * @param {object} world goods: Map id → Good, pieces: Map id → Piece, detail: memberDetail|null, settings, store, at (ms)
 */
export function cartOf(basket, world) {
  const { goods, settings, store, detail, at } = world;
  const standing = detail?.standing ?? null;
  const tier = standing?.tier_code ?? "";
  const lines = basket.lines.filter((line) => isInCart(line));
  const bought = new Map();
  for (const line of lines) {
    if (line.variant_id && !line.piece_id) {
      bought.set(line.variant_id, (bought.get(line.variant_id) ?? 0) + tenThousandths(line.quantity));
    }
  }
  const manual = [];
  const cartLines = lines.map((line) => {
    if (!line.variant_id) return feeLine(line);
    const good = goods.get(line.variant_id);
    if (!good) throw new CannotPrice("unknown_goods", line.key, line.name);
    const listed = listedPrice(line, good, world, bought, tier);
    if (line.unit_amount != null && line.unit_amount !== listed.amount) {
      const to = halfUp(line.unit_amount, tenThousandths(line.quantity), UNIT);
      manual.push({ line_key: line.key, to_amount: to, reason: line.reason ?? "" });
    }
    if (line.discount_amount) manual.push({ line_key: line.key, off_amount: line.discount_amount, reason: line.reason ?? "" });
    return {
      key: line.key,
      variant_id: good.id,
      product_id: good.product_id,
      quantity: String(line.quantity),
      unit_amount: listed.amount,
      category_ids: good.category_ids,
      brand_id: good.brand_id,
      member_unit_amount: listed.member,
      is_price_protected: Boolean(listed.isProtected),
      tax_rate_bp: good.tax_rate_bp,
      gift_of: line.data?.gift_of ?? "",
    };
  });
  return {
    currency: store.currency,
    at: storeTime(at, store.time_zone),
    store_id: store.id,
    channel: "TILL",
    is_member: Boolean(standing?.programme_id),
    tier,
    is_birthday_month: Boolean(detail?.occasions?.is_birthday_month),
    is_first_purchase: Boolean(detail?.occasions?.is_first_purchase),
    segments: detail?.segments ?? {},
    lines: cartLines,
    promotions: promotionsFor(settings, basket, detail),
    coupons: couponsOf(basket, world),
    tier_terms: standing?.tier_id && standing.discount_bp ? { name: standing.tier_name, pays_bp: 10_000 - standing.discount_bp } : null,
    points: pointsOf(basket, standing),
    manual,
    rounding: ROUNDINGS[basket.rounding] ? { unit: ROUNDINGS[basket.rounding][0], way: ROUNDINGS[basket.rounding][1] } : null,
  };
}

/**
 * A discount by hand on the whole order (`order_off`: {pays_bp} or {amount}, with its reason) as discounts of its lines,
 * which is how it is sold and sent. Each open line bears its share of what it costs after every offer; goods at a
 * protected price, gifts, fees and what is paid ahead bear none. What points and rounding take comes afterwards.
 */
export function spreadOrder({ order_off: off, ...basket }, world) {
  if (!off) return basket;
  const cart = cartOf({ ...basket, points: 0, rounding: "" }, world);
  if (!cart.lines.length) return basket;
  const amounts = priceCart(cart).lines.map((line) => line.paid_amount);
  const open = [...cart.lines.keys()].filter((at) => cart.lines[at].variant_id && !cart.lines[at].gift_of && !cart.lines[at].is_price_protected);
  const total = sumAt(amounts, open);
  const shares = spread(off.amount ?? total - atShare(total, off.pays_bp), open, amounts);
  const byKey = new Map([...shares].map(([at, share]) => [cart.lines[at].key, share]));
  const borne = (line) => ({ ...line, discount_amount: (line.discount_amount ?? 0) + byKey.get(line.key), reason: line.reason || off.reason });
  return { ...basket, lines: basket.lines.map((line) => (byKey.has(line.key) ? borne(line) : line)) };
}

/** The engine's answer for a basket, with the lines it does not look at (prepaid value, what sessions pay) added. */
export function priceBasket(basket, world) {
  const cart = cartOf(basket, world);
  const priced = cart.lines.length ? priceCart(cart) : { ...NOTHING, lines: [], given: [], passed_over: [], gifts: [], unearned_gifts: [], advice: [] };
  const byKey = new Map(priced.lines.map((line) => [line.key, line]));
  const lines = basket.lines.map((line) => byKey.get(line.key) ?? outside(line, world));
  const rest = lines.filter((line) => !byKey.has(line.key));
  const more = (name) => rest.reduce((sum, line) => sum + line[name], 0);
  return {
    ...priced,
    lines,
    list_amount: priced.list_amount + more("list_amount"),
    paid_amount: priced.paid_amount + more("paid_amount"),
    tax_amount: priced.tax_amount + more("tax_amount"),
  };
}

/** What the server is sent for a line. With `sold` (key → amount) it says what was taken for it offline. */
export function itemOf(line, sold = null) {
  const item = { key: line.key, variant_id: line.variant_id ?? null, quantity: String(line.quantity ?? "1") };
  for (const name of ["kind", "piece_id", "batch_id", "name", "amount", "unit_amount", "discount_amount", "reason", "session_card_id", "data"]) {
    const value = line[name];
    if (value !== undefined && value !== null && value !== "" && !(name === "name" && line.variant_id)) item[name] = value;
  }
  const people = (line.people ?? []).map((person) => (typeof person === "object" ? person : { user_id: person }));
  if (people.length) {
    const even = Math.floor(10_000 / people.length);
    item.people = people.map((person, at) => ({
      user_id: person.user_id ?? person.id,
      share_bp: person.share_bp ?? (at ? even : 10_000 - even * (people.length - 1)),
    }));
  }
  if (sold && sold.has(line.key)) item.sold_amount = sold.get(line.key);
  return item;
}

/** What the server is asked for a price. */
export function basketOf(basket, storeId, sold = null) {
  return {
    store_id: storeId,
    items: basket.lines.map((line) => itemOf(line, sold)),
    customer_id: basket.customer_id ?? null,
    channel: "TILL",
    coupon_ids: basket.coupon_ids ?? [],
    points: basket.points ?? 0,
    rounding: basket.rounding ?? "",
  };
}

function isInCart(line) {
  return !line.session_card_id && (Boolean(line.variant_id) || line.kind === "FEE");
}

function feeLine(line) {
  const kind = line.data?.fee === "DELIVERY" ? "DELIVERY" : "SERVICE_CHARGE";
  return { key: line.key, variant_id: 0, product_id: 0, quantity: String(line.quantity ?? "1"), unit_amount: line.amount ?? 0, kind, tax_rate_bp: 0 };
}

function listedPrice(line, good, { pieces }, bought, tier) {
  if (line.piece_id) {
    const piece = pieces.get(line.piece_id);
    const amount = piece?.amount ?? line.unit_amount ?? null;
    if (amount === null) throw new CannotPrice("without_price", line.key, good.name);
    return { amount, member: null, isProtected: piece?.is_priced_by_day };
  }
  const found = priceOf(good, bought.get(good.id), tier);
  const amount = found.amount ?? line.unit_amount ?? null;
  if (amount === null) throw new CannotPrice("without_price", line.key, good.name);
  return { amount, member: found.member };
}

// What is limited per customer has `left_of` for the customer that is known, and is nothing for somebody unknown.
function promotionsFor(settings, basket, detail) {
  return settings.promotions
    .filter((each) => !each.per_customer || basket.customer_id)
    .map((each) => {
      const left = each.per_customer ? detail?.times_left?.[each.terms.id] : undefined;
      if (left === undefined) return each.terms;
      return { ...each.terms, times_left: each.terms.times_left == null ? left : Math.min(left, each.terms.times_left) };
    });
}

function couponsOf(basket, { detail, coupons }) {
  return (basket.coupon_ids ?? []).map((id) => {
    const held = coupons?.get(id) ?? detail?.coupons?.find((each) => each.id === id);
    if (!held) throw new CannotPrice("unknown_coupon", "", String(id));
    return { id, terms: held.terms };
  });
}

function pointsOf(basket, standing) {
  const worth = standing?.worth;
  if (!worth || worth.amount <= 0) return null;
  return {
    wanted: Math.min(basket.points ?? 0, standing.points),
    unit_points: worth.points,
    unit_amount: worth.amount,
    step_points: worth.step,
    max_share_bp: worth.cap_bp,
  };
}

// Prepaid value costs what it says; what a session pays costs nothing here. As `costed` of the server.
function outside(line, { goods }) {
  const good = goods.get(line.variant_id);
  const unit = good ? (good.amount ?? 0) : (line.amount ?? 0);
  const amount = good ? Math.floor((unit * tenThousandths(line.quantity ?? "1")) / UNIT) : unit;
  const isSession = Boolean(line.session_card_id);
  const step = { stage: "ITEM_PRICE", source: `session:${line.session_card_id}`, code: "session", values: {}, amount: -amount };
  return {
    key: line.key,
    list_amount: amount,
    adjustments: isSession && amount ? [step] : [],
    paid_amount: isSession ? 0 : amount,
    tax_amount: 0,
    is_gift: false,
  };
}
