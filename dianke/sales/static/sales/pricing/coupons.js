// Coupons, after all promotions and in a fixed order: rules/pricing/coupons.py in JavaScript.

import { because, byPrice, effect, refused, within, worth } from "./board.js";
import { becauseOf, whyNotAudience, whyNotWhen } from "./conditions.js";
import { atShare, capped, spread, sum, sumAt } from "./exact.js";
import { below, deliveryOff, measured, offerGifts } from "./on_order.js";

const TURN = { EXCHANGE: 0, PERCENT: 1, CASH: 2, GIFT: 3, FREE_DELIVERY: 4 };
const OUTSIDE_CAP = new Set(["GIFT", "FREE_DELIVERY"]);

function inTurn(coupons) {
  return [...coupons].sort(
    (a, b) =>
      Number(Boolean(a.terms.is_alone)) - Number(Boolean(b.terms.is_alone)) ||
      TURN[a.terms.rule.kind] - TURN[b.terms.rule.kind] ||
      a.terms.kind_id - b.terms.kind_id ||
      a.id - b.id,
  );
}

/** Every coupon of the cart in its turn. */
export function takeCoupons(run) {
  const kinds = new Map();
  const groups = new Set();
  let isAlone = false;
  for (const coupon of inTurn(run.board.cart.coupons ?? [])) {
    const { terms } = coupon;
    const source = `coupon:${coupon.id}`;
    const usedOfKind = kinds.get(terms.kind_id) ?? 0;
    let found;
    if (isAlone || (terms.is_alone && kinds.size)) found = refused("not_beside_others");
    else if (terms.group && groups.has(terms.group)) found = refused("other_of_group");
    else if (terms.max_per_order != null && usedOfKind >= terms.max_per_order) {
      found = refused("enough_of_kind", { most: terms.max_per_order });
    } else found = effectOf(run, coupon, usedOfKind);
    if (!found.isEffect) {
      run.refused.set(source, found);
      continue;
    }
    run.take("COUPON", source, because(found, becauseOf(terms.audience, run.board.cart)));
    if (run.room !== null && !OUTSIDE_CAP.has(terms.rule.kind)) run.room -= sum(found.offs.values());
    kinds.set(terms.kind_id, usedOfKind + 1);
    if (terms.group) groups.add(terms.group);
    isAlone = Boolean(terms.is_alone);
  }
}

function positionsOf(run, terms) {
  const skipsTaken = terms.joins_promotions === false;
  return run.board
    .scope(terms.goods)
    .filter(
      (position) =>
        !run.shut.COUPON.has(position) && !(skipsTaken && run.taken.has(position)) && run.amounts[position] > 0,
    );
}

function effectOf(run, coupon, usedOfKind) {
  const { terms } = coupon;
  const { cart, local } = run.board;
  const shut = whyNotWhen(terms.when, local) ?? whyNotAudience(terms.audience, cart);
  if (shut !== null) return refused(shut);
  const positions = positionsOf(run, terms);
  if (!positions.length) return refused("no_goods");
  const total = sumAt(run.bases(terms), positions);
  // Each further coupon of a kind asks for its threshold once more.
  const threshold = (terms.threshold_amount ?? 0) * (usedOfKind + 1);
  if (total < threshold) {
    const missing = { missing_amount: threshold - total };
    return refused("below_threshold", missing, ["spend_more_for_coupon", missing]);
  }
  const found = RULES[terms.rule.kind](run, coupon, terms.rule, positions);
  if (!found.isEffect) return found;
  if (run.room !== null && !OUTSIDE_CAP.has(terms.rule.kind)) {
    if (!run.room) return refused("order_cap");
    found.offs = capped(found.offs, run.room);
  }
  if (!sum(found.offs.values()) && terms.rule.kind !== "GIFT") return refused("no_effect");
  return found;
}

function cash(run, coupon, rule, positions) {
  return effect(spread(rule.amount, positions, run.amounts), 1, positions, "coupon_cash", { amount: rule.amount });
}

function percent(run, coupon, rule, positions) {
  const total = sumAt(run.bases(coupon.terms), positions);
  const off = Math.min(total - atShare(total, rule.pays_bp), rule.max_amount ?? Infinity);
  const values = { pays_bp: rule.pays_bp };
  return effect(spread(off, positions, run.amounts), 1, positions, "coupon_percent", values);
}

function exchange(run, coupon, rule, positions) {
  const offs = new Map();
  const pays = rule.pays_amount ?? 0;
  let left = rule.pieces ?? 1;
  for (const one of byPrice(run.board, run.amounts, positions)) {
    const taken = Math.min(one.count, left);
    if (!taken || one.unit <= pays) break;
    offs.set(one.position, worth(run.amounts, run.board, one.position, taken) - taken * pays);
    left -= taken;
  }
  if (!offs.size) return refused("no_effect");
  const values = { pieces: rule.pieces ?? 1, pays_amount: pays };
  return effect(within(run, offs), 1, [...offs.keys()], "coupon_exchange", values);
}

function gift(run, coupon, rule, positions) {
  const { offer, offs } = offerGifts(run, `coupon:${coupon.id}`, rule.pick, rule.choices);
  if (!offer.taken) return refused("gift_not_chosen", { picks: rule.pick }, ["choose_gift", { picks: rule.pick }]);
  return effect(offs, 1, positions, "coupon_gift", {});
}

function delivery(run, coupon, rule, positions) {
  const total = measured(run, rule.measure, run.bases(coupon.terms), positions);
  if (total < (rule.full ?? 0)) return below(rule, rule.full, total, "coupon", {});
  const offs = deliveryOff(run, rule);
  return offs.size ? effect(offs, 1, [], "coupon_delivery", {}) : refused("no_effect");
}

const RULES = { CASH: cash, PERCENT: percent, EXCHANGE: exchange, GIFT: gift, FREE_DELIVERY: delivery };
