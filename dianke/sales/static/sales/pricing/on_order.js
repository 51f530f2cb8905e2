// Promotions on the order as a whole, one function per kind: rules/pricing/on_order.py in JavaScript.

import { effect, refused } from "./board.js";
import { UNIT, atShare, ceilDiv, div, spread, sumAt } from "./exact.js";
import { timesAllowed } from "./on_goods.js";

/** What the positions come to: fen, or whole pieces (goods sold by measure count for none). */
export function measured(run, measure, bases, positions) {
  return sumAt((measure ?? "AMOUNT") === "AMOUNT" ? bases : run.board.pieces, positions);
}

function isMoney(rule) {
  return (rule.measure ?? "AMOUNT") === "AMOUNT";
}

function fullOf(rule, full) {
  return isMoney(rule) ? { full_amount: full } : { full };
}

function more(rule, missing, what, values) {
  return isMoney(rule)
    ? [`spend_more_for_${what}`, { missing_amount: missing, ...values }]
    : [`add_pieces_for_${what}`, { missing, ...values }];
}

/** Not yet there; `what` and `values` say what would be given. */
export function below(rule, full, total, what, values) {
  const missing = full - total;
  const hint = more(rule, missing, what, values);
  return refused("below_threshold", isMoney(rule) ? { missing_amount: missing } : { missing }, hint);
}

function givenBy(step) {
  return step.off_amount != null ? ["amount", { off_amount: step.off_amount }] : ["percent", { pays_bp: step.pays_bp }];
}

function ladder(run, promotion, rule, positions) {
  const bases = run.bases(promotion);
  const total = measured(run, rule.measure, bases, positions);
  const reached = rule.steps.filter((step) => step.full <= total).length;
  let hint = null;
  if (reached < rule.steps.length) {
    const following = rule.steps[reached];
    if (!reached) return below(rule, following.full, total, ...givenBy(following));
    hint = more(rule, following.full - total, ...givenBy(following));
  }
  const step = rule.steps[reached - 1];
  const [what, given] = givenBy(step);
  let off = step.off_amount;
  if (off == null) {
    const price = sumAt(bases, positions);
    off = price - atShare(price, step.pays_bp);
  }
  const offs = spread(off, positions, run.amounts);
  return effect(offs, 1, positions, `ladder_${what}`, { ...fullOf(rule, step.full), ...given }, hint);
}

function everyFull(run, promotion, rule, positions) {
  const total = measured(run, rule.measure, run.bases(promotion), positions);
  const allowed = timesAllowed(promotion);
  const times = Math.min(div(total, rule.full), allowed);
  const given = { off_amount: rule.off_amount };
  if (!times) return below(rule, rule.full, total, "amount", given);
  const offs = spread(times * rule.off_amount, positions, run.amounts);
  const hint = times < allowed ? more(rule, rule.full - (total % rule.full), "amount", given) : null;
  return effect(offs, times, positions, "every_full", { ...fullOf(rule, rule.full), ...given }, hint);
}

/** The offer with what the customer has taken of it, and the gift lines that are free by it. */
export function offerGifts(run, source, picks, choices) {
  const { board } = run;
  const piecesOf = new Map(choices.map((choice) => [choice.variant_id, choice.quantity ?? 1]));
  const offs = new Map();
  let taken = 0;
  for (const position of board.giftPositions(source)) {
    const pieces = piecesOf.get(board.lines[position].variant_id);
    if (pieces === undefined) continue;
    const wanted = ceilDiv(board.quantities[position], pieces * UNIT);
    if (taken + wanted <= picks) {
      taken += wanted;
      offs.set(position, board.listAmounts[position]);
    }
  }
  const offered = choices.map((choice) => ({ variant_id: choice.variant_id, quantity: choice.quantity ?? 1 }));
  const offer = { source, picks, taken, choices: offered };
  run.gifts.set(source, offer);
  return { offer, offs };
}

function gift(run, promotion, rule, positions) {
  const total = measured(run, rule.measure, run.bases(promotion), positions);
  const reached = rule.steps.filter((step) => step.full <= total).length;
  if (!reached) return below(rule, rule.steps[0].full, total, "gift", { picks: rule.steps[0].pick });
  const step = rule.steps[reached - 1];
  const times = rule.is_repeated ? Math.min(div(total, step.full), timesAllowed(promotion)) : 1;
  const { offer, offs } = offerGifts(run, `promotion:${promotion.id}`, times * step.pick, step.choices);
  if (!offer.taken) return refused("gift_not_chosen", { picks: offer.picks }, ["choose_gift", { picks: offer.picks }]);
  const left = offer.picks - offer.taken;
  return effect(offs, times, positions, "gift", {}, left ? ["choose_gift", { picks: left }] : null);
}

function freeDelivery(run, promotion, rule, positions) {
  const total = measured(run, rule.measure, run.bases(promotion), positions);
  if (total < (rule.full ?? 0)) return below(rule, rule.full, total, "delivery", {});
  return effect(deliveryOff(run, rule), 1, positions, "free_delivery", {});
}

export function deliveryOff(run, rule) {
  const fees = run.board.ofKind("DELIVERY").filter((position) => run.amounts[position] > 0);
  return spread(rule.max_amount ?? sumAt(run.amounts, fees), fees, run.amounts);
}

export const ON_ORDER = { LADDER: ladder, EVERY_FULL: everyFull, GIFT: gift, FREE_DELIVERY: freeDelivery };
