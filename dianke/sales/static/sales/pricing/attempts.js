// One attempt to price the cart with its promotions in a given order: rules/pricing/attempts.py in JavaScript.

import { Run, because, effect, refused } from "./board.js";
import { becauseOf, whyNotAudience, whyNotWhen } from "./conditions.js";
import { takeCoupons } from "./coupons.js";
import { UNIT, WHOLE_BP, atShare, capped, floorOf, halfUp, sum, sumAt } from "./exact.js";
import { ON_GOODS } from "./on_goods.js";
import { ON_ORDER } from "./on_order.js";

// Reasons that hold whether or not others took some of the goods.
const ITS_OWN = new Set(["gift_not_chosen", "no_effect"]);
const OUTSIDE_CAP = new Set(["GIFT", "FREE_DELIVERY"]);

export function sourceOf(one) {
  return `promotion:${one.promotion.id}`;
}

function isEverything(goods) {
  return !goods || Object.values(goods).every((ids) => !ids.length);
}

function whyNot(board, promotion) {
  if (promotion.budget_left === 0) return "budget_spent";
  if (promotion.times_left === 0) return "limit_reached";
  return whyNotWhen(promotion.when, board.local) ?? whyNotAudience(promotion.audience, board.cart);
}

function scopeOf(board, promotion) {
  const { rule } = promotion;
  if (rule.kind !== "BUNDLE") return board.scope(promotion.goods);
  const found = new Set(rule.parts.flatMap((part) => board.scope(part.goods)));
  return [...found].sort((a, b) => a - b);
}

/** Promotions that hold here and now, by priority; and those that do not, with the reason. */
export function candidates(board) {
  const found = [];
  const shut = new Map();
  for (const promotion of board.cart.promotions ?? []) {
    const source = `promotion:${promotion.id}`;
    const code = whyNot(board, promotion);
    if (code !== null) {
      shut.set(source, refused(code));
      continue;
    }
    const positions = scopeOf(board, promotion);
    if (positions.length || (promotion.rule.kind === "FREE_DELIVERY" && isEverything(promotion.goods))) {
      const isOfOrder = promotion.rule.kind in ON_ORDER;
      found.push({ promotion, positions, isOfOrder, gain: 0, rate: 0 });
    } else shut.set(source, refused("no_goods"));
  }
  found.sort(byRank);
  return { found, shut };
}

export function byRank(a, b) {
  return (b.promotion.priority ?? 0) - (a.promotion.priority ?? 0) || a.promotion.id - b.promotion.id;
}

/** A run at the prices of the first stage: list price, or the member's price where it is lower. */
export function start(board, withMemberPrices) {
  const { cart } = board;
  const maxOff = cart.options?.max_off_bp;
  const room = maxOff == null ? null : floorOf(sumAt(board.listAmounts, board.goods), maxOff, WHOLE_BP);
  const run = new Run(board, room);
  if (!cart.is_member || !withMemberPrices) return run;
  const offs = new Map();
  for (const position of board.goods) {
    const line = cart.lines[position];
    if (line.member_unit_amount == null || line.amount != null) continue;
    const off = board.listAmounts[position] - halfUp(line.member_unit_amount, board.quantities[position], UNIT);
    if (off > 0) offs.set(position, off);
  }
  if (offs.size) {
    run.take("ITEM_PRICE", "member", effect(offs, 1, [], "member_price", {}));
    if (cart.options?.is_member_price_alone) addAll([run.closed], offs.keys());
  }
  return run;
}

/** All stages down to the level's discount, the promotions of each stage in this order. */
export function attempt(board, order, withMemberPrices) {
  const run = start(board, withMemberPrices);
  for (const one of order) if (!one.isOfOrder) takePromotion(run, one, "ITEM_PROMOTION");
  for (const one of order) if (one.isOfOrder) takePromotion(run, one, "ORDER_PROMOTION");
  takeCoupons(run);
  takeLevel(run);
  return run;
}

/** What a candidate does now, after its caps and limits. */
export function effectOf(run, one) {
  const { promotion } = one;
  const { rule } = promotion;
  const positions = run.freeFor(promotion, one.positions);
  if (!positions.length && one.positions.length) return refused("excluded");
  const found = (one.isOfOrder ? ON_ORDER : ON_GOODS)[rule.kind](run, promotion, rule, positions);
  if (!found.isEffect && positions.length < one.positions.length && !ITS_OWN.has(found.code)) {
    return refused("excluded");
  }
  return limited(run, promotion, found);
}

function limited(run, promotion, found) {
  if (!found.isEffect) return found;
  const { kind } = promotion.rule;
  let { offs } = found;
  if (promotion.max_amount != null && kind !== "GIFT") offs = capped(offs, promotion.max_amount);
  const off = sum(offs.values());
  if (promotion.budget_left != null && off > promotion.budget_left) return refused("budget_spent");
  if (run.room !== null && off > run.room && !OUTSIDE_CAP.has(kind)) {
    if (!run.room) return refused("order_cap");
    offs = capped(offs, run.room);
  }
  if (!off && kind !== "GIFT") return refused("no_effect");
  return offs === found.offs ? found : { ...found, offs };
}

function takePromotion(run, one, stage) {
  const { promotion } = one;
  const source = sourceOf(one);
  const found = effectOf(run, one);
  if (!found.isEffect) {
    run.refused.set(source, found);
    if (found.code !== "gift_not_chosen") run.gifts.delete(source);
    return;
  }
  run.take(stage, source, because(found, becauseOf(promotion.audience, run.board.cart)));
  if (run.room !== null && !OUTSIDE_CAP.has(promotion.rule.kind)) run.room -= sum(found.offs.values());
  const marks = [run.taken];
  if ((promotion.exclusion ?? "NONE") !== "NONE") marks.push(run.closed);
  if (promotion.group) {
    if (!run.groups.has(promotion.group)) run.groups.set(promotion.group, new Set());
    marks.push(run.groups.get(promotion.group));
  }
  for (const later of promotion.shuts ?? []) marks.push(run.shut[later]);
  addAll(marks, found.uses);
}

function addAll(sets, positions) {
  for (const position of positions) for (const set of sets) set.add(position);
}

function takeLevel(run) {
  const terms = run.board.cart.tier_terms;
  if (!terms) return;
  const { amounts, board } = run;
  let offs = new Map();
  for (const position of board.scope(terms.goods)) {
    const amount = amounts[position];
    if (run.shut.TIER.has(position)) continue;
    if (terms.is_for_full_price_only && amount !== board.listAmounts[position]) continue;
    const off = amount - atShare(amount, terms.pays_bp);
    if (off > 0) offs.set(position, off);
  }
  if (run.room !== null) {
    offs = capped(offs, run.room);
    run.room -= sum(offs.values());
  }
  if (offs.size) {
    run.take("TIER", "tier", effect(offs, 1, [...offs.keys()], "tier", { tier: terms.name, pays_bp: terms.pays_bp }));
  }
}
