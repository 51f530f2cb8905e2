// Prices a cart: the fixed stages from the list price to what is paid. rules/pricing/engine.py and answering.py in
// JavaScript: the same cart as plain data (what `cart_as_dict` writes) gives the same answer as `price_cart().as_dict()`.
// Tests compare both, value for value; docs/algorithms/pricing.md tells the rules.

import { candidates } from "./attempts.js";
import { Board, effect } from "./board.js";
import { choose } from "./choosing.js";
import { WHOLE_BP, atShare, ceilDiv, ceilOf, floorOf, halfUp, spread, sum, sumAt } from "./exact.js";

const GIFTS = new Set(["gift", "coupon_gift"]);

export function priceCart(cart) {
  const board = new Board(cart);
  const { found, shut } = candidates(board);
  const run = choose(board, found);
  for (const [source, reason] of shut) run.refused.set(source, reason);
  (cart.manual ?? []).forEach((manual, number) => takeManual(run, number, manual));
  const [pointsUsed, pointsPossible] = takePoints(run);
  round(run);
  return answer(run, pointsUsed, pointsPossible);
}

function takeManual(run, number, manual) {
  const { board, amounts } = run;
  const isOfLine = manual.line_key != null;
  const positions = isOfLine
    ? [...board.lines.keys()].filter((at) => board.lines[at].key === manual.line_key && !board.lines[at].gift_of)
    : board.goods;
  const total = sumAt(amounts, positions);
  let off = manual.off_amount;
  if (off == null) {
    off = total - (manual.pays_bp != null ? atShare(total, manual.pays_bp) : (manual.to_amount ?? 0));
  }
  const offs = spread(off, positions, amounts);
  if (!offs.size) return;
  const code = isOfLine ? "manual_line" : "manual_order";
  run.take("MANUAL", `manual:${number}`, effect(offs, 1, [], code, { reason: manual.reason ?? "" }));
}

function takePoints(run) {
  const { points } = run.board.cart;
  if (!points) return [0, 0];
  const step = points.step_points ?? 1;
  if (points.unit_points <= 0 || points.unit_amount <= 0 || step <= 0) return [0, 0];
  const positions = run.board.goods.filter((position) => !run.shut.POINTS.has(position));
  const total = sumAt(run.amounts, positions);
  if (total < (points.min_amount ?? 0)) return [0, 0];
  const most = floorOf(total, points.max_share_bp ?? WHOLE_BP, WHOLE_BP);
  const possible = wholeSteps(floorOf(most, points.unit_points, points.unit_amount), step);
  const wanted = wholeSteps(Math.max(Math.min(points.wanted, possible), 0), step);
  const amount = floorOf(wanted, points.unit_amount, points.unit_points);
  if (!amount) return [0, possible];
  const needed = ceilOf(amount, points.unit_points, points.unit_amount);
  const used = ceilDiv(needed, step) * step;
  const offs = spread(amount, positions, run.amounts);
  run.take("POINTS", "points", effect(offs, 1, [], "points", { points: used }));
  return [used, possible];
}

function wholeSteps(points, step) {
  return points - (points % step);
}

function round(run) {
  const { rounding } = run.board.cart;
  if (!rounding || rounding.unit <= 1) return;
  const { unit } = rounding;
  const total = sum(run.amounts);
  const rounded = rounding.way === "HALF_UP" ? halfUp(total, 1, unit) * unit : total - (total % unit);
  const positions = [...run.amounts.keys()].filter((position) => run.amounts[position] > 0);
  let offs = spread(Math.abs(total - rounded), positions, run.amounts);
  if (!offs.size) return;
  if (rounded > total) offs = new Map([...offs].map(([position, share]) => [position, -share]));
  run.take("ROUNDING", "rounding", effect(offs, 1, [], "rounding", { unit_amount: unit }));
}

/** The tax that an amount with tax holds. */
function taxInside(amount, rateBp) {
  return rateBp ? halfUp(amount, rateBp, WHOLE_BP + rateBp) : 0;
}

function answer(run, pointsUsed, pointsPossible) {
  const { board } = run;
  const names = namesOf(board.cart);
  const named = (source, values) => (names.has(source) ? { name: names.get(source), ...values } : values);
  const adjustments = board.lines.map(() => []);
  const given = [];
  const hints = [];
  const earned = new Set();
  for (const { stage, source, effect: done } of run.steps) {
    const values = named(source, done.values);
    for (const [position, off] of done.offs) {
      adjustments[position].push({ stage, source, code: done.code, values, amount: -off });
      if (GIFTS.has(done.code)) earned.add(position);
    }
    given.push({ source, amount: sum(done.offs.values()), times: done.times });
    if (done.hint) hints.push([source, done.hint]);
  }
  const lines = board.lines.map((line, position) => ({
    key: line.key,
    list_amount: board.listAmounts[position],
    adjustments: adjustments[position],
    paid_amount: run.amounts[position],
    tax_amount: taxInside(run.amounts[position], line.tax_rate_bp),
    is_gift: earned.has(position),
  }));
  for (const [source, reason] of run.refused) if (reason.hint) hints.push([source, reason.hint]);
  const note = (source, code, values) => ({ source, code, values: named(source, values) });
  return {
    lines,
    list_amount: sum(board.listAmounts),
    paid_amount: sum(run.amounts),
    tax_amount: sum(lines.map((line) => line.tax_amount)),
    given,
    passed_over: inOrder([...run.refused]).map(([source, reason]) => note(source, reason.code, reason.values)),
    gifts: inOrder([...run.gifts]).map(([_source, offer]) => offer),
    unearned_gifts: board.lines.filter((line, at) => line.gift_of && !earned.has(at)).map((line) => line.key),
    advice: inOrder(hints).map(([source, [code, values]]) => note(source, code, values)),
    points_used: pointsUsed,
    points_possible: pointsPossible,
  };
}

function namesOf(cart) {
  const found = new Map();
  for (const promotion of cart.promotions ?? []) found.set(`promotion:${promotion.id}`, promotion.name);
  for (const coupon of cart.coupons ?? []) found.set(`coupon:${coupon.id}`, coupon.terms.name);
  return found;
}

/** Coupons before promotions, each by number. */
function inOrder(entries) {
  const keyed = entries.map((entry) => {
    const [kind, number] = entry[0].split(":");
    return { entry, kind, number: Number(number) };
  });
  keyed.sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.number - b.number));
  return keyed.map(({ entry }) => entry);
}
