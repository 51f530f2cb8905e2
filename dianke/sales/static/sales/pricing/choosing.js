// In which order promotions that exclude each other are applied: rules/pricing/choosing.py in JavaScript.

import { attempt, byRank, effectOf, sourceOf, start } from "./attempts.js";
import { refused } from "./board.js";
import { WHOLE_BP, div, floorOf, sum, sumAt } from "./exact.js";

const FEW = 3;
const MOST_TRIES = 10;
const MOST_WORK = 90;
const MOST_ALONE = 8;

/** The run that counts; `found` by priority. */
export function choose(board, found) {
  const options = board.cart.options ?? {};
  const joining = found.filter((one) => one.promotion.exclusion !== "ORDER");
  const alone = found.filter((one) => one.promotion.exclusion === "ORDER");
  if (options.policy === "PRIORITY") return byPriority(board, joining, alone);
  const best = bestOf(board, joining, alone, true);
  if (options.is_member_price_alone && best.closed.size) {
    const without = bestOf(board, joining, alone, false);
    if (owed(without) < owed(best)) return without;
  }
  return best;
}

function owed(run) {
  return sum(run.amounts);
}

function byPriority(board, joining, alone) {
  const together = attempt(board, joining, true);
  const applied = new Set(together.steps.map((step) => step.source));
  const first = joining.find((one) => applied.has(sourceOf(one)));
  for (const one of alone) {
    if (first && byRank(first, one) < 0) break;
    const run = attempt(board, [one], true);
    if (!run.refused.has(sourceOf(one))) return without(run, [...joining, ...alone], one);
  }
  for (const one of alone) together.refused.set(sourceOf(one), refused("excluded"));
  return together;
}

function without(run, others, chosen) {
  for (const one of others) if (one !== chosen) run.refused.set(sourceOf(one), refused("excluded"));
  return run;
}

/** The cheapest of the tries; of equally cheap ones the earlier. */
function bestOf(board, joining, alone, withMemberPrices) {
  let order = joining;
  let best = attempt(board, order, withMemberPrices);
  let least = owed(best);
  const attend = (other) => {
    const run = attempt(board, other, withMemberPrices);
    if (owed(run) < least) [best, order, least] = [run, other, owed(run)];
  };
  weigh([...joining, ...alone], best, start(board, withMemberPrices));
  if (joining.length <= FEW) permutations(joining).slice(1).forEach(attend);
  else {
    const left = Math.max(1, Math.min(MOST_TRIES, div(MOST_WORK, joining.length)));
    const byGain = [...joining].sort((a, b) => b.gain - a.gain || byRank(a, b));
    const byRate = [...joining].sort((a, b) => b.rate - a.rate || byRank(a, b));
    [byGain, byRate].slice(0, left).forEach(attend);
    const lost = byGain.filter((one) => one.gain && best.refused.has(sourceOf(one)));
    for (const one of lost.slice(0, Math.max(left - 2, 0))) {
      attend([one, ...order.filter((another) => another !== one)]);
    }
  }
  for (const one of alone) best.refused.set(sourceOf(one), refused("excluded"));
  const dearest = [...alone].sort((a, b) => b.gain - a.gain || byRank(a, b));
  for (const one of dearest.slice(0, MOST_ALONE)) {
    const run = attempt(board, [one], withMemberPrices);
    if (!run.refused.has(sourceOf(one)) && owed(run) < least) {
      best = without(run, [...joining, ...alone], one);
      least = owed(run);
    }
  }
  return best;
}

/** Every order, beginning with the one given. */
function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first) => permutations(list.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}

/** What each promotion gave in the first try or, where that was nothing, would give were it the only one. */
function weigh(found, first, beginning) {
  const gave = new Map(first.steps.map((step) => [step.source, step.effect]));
  for (const one of found) {
    const now = gave.get(sourceOf(one)) ?? effectOf(beginning, one);
    one.gain = now.isEffect ? sum(now.offs.values()) : 0;
    const base = now.isEffect ? sumAt(beginning.amounts, now.uses) : 0;
    one.rate = base ? floorOf(one.gain, WHOLE_BP, base) : 0;
  }
}
