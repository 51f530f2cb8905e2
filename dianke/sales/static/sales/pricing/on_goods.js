// Promotions on goods, one function per kind: rules/pricing/on_goods.py in JavaScript.

import { alikeOf, byPrice, effect, refused, within, worth } from "./board.js";
import { NO_LIMIT, UNIT, atShare, ceilDiv, div, halfUp, partOf, spread, sum } from "./exact.js";

/** How often a promotion may apply in this order. */
export function timesAllowed(promotion) {
  return Math.min(promotion.max_times ?? NO_LIMIT, promotion.times_left ?? NO_LIMIT);
}

function portions(run, positions, maxPieces) {
  const { quantities, pieces } = run.board;
  if (maxPieces == null) return positions.map((position) => [position, quantities[position]]);
  const found = [];
  let left = maxPieces;
  for (const position of positions) {
    const count = Math.min(pieces[position], left);
    if (count) {
      found.push([position, count * UNIT]);
      left -= count;
    }
  }
  return found;
}

function offEach(run, bases, positions, rule, offOf) {
  const offs = new Map();
  for (const [position, portion] of portions(run, positions, rule.max_pieces)) {
    const part = partOf(bases[position], portion, run.board.quantities[position]);
    offs.set(position, offOf(part, portion));
  }
  return within(run, offs);
}

function percentOff(run, promotion, rule, positions) {
  const offs = offEach(run, run.bases(promotion), positions, rule, (part) => part - atShare(part, rule.pays_bp));
  return effect(offs, 1, positions, "percent_off", { pays_bp: rule.pays_bp });
}

function moneyOff(run, promotion, rule, positions) {
  const offs = offEach(run, run.amounts, positions, rule, (part, portion) =>
    Math.min(halfUp(rule.off_amount, portion, UNIT), part),
  );
  return effect(offs, 1, positions, "money_off", { off_amount: rule.off_amount });
}

function fixedPrice(run, promotion, rule, positions) {
  const offs = offEach(run, run.amounts, positions, rule, (part, portion) => part - halfUp(rule.amount, portion, UNIT));
  return effect(offs, 1, [...offs.keys()], "fixed_price", { amount: rule.amount });
}

function ofEverySet(run, promotion, groups, buy, get, paysBp) {
  const size = buy + get;
  const allowed = timesAllowed(promotion);
  const bases = run.bases(promotion);
  const offs = new Map();
  const uses = [];
  let times = 0;
  for (const runs of groups) {
    const total = countOf(runs);
    const sets = Math.min(div(total, size) + (total % size > buy ? 1 : 0), allowed - times);
    times += sets;
    const end = Math.min(total, sets * size);
    let start = 0;
    for (const one of runs) {
      if (start >= end) break;
      const stop = Math.min(start + one.count, end);
      const got = gotOf(stop, buy, get) - gotOf(start, buy, get);
      uses.push(one.position);
      start += one.count;
      if (got) {
        const price = worth(bases, run.board, one.position, got);
        offs.set(one.position, price - atShare(price, paysBp));
      }
    }
  }
  return { offs, times, uses };
}

function gotOf(end, buy, get) {
  return div(end, buy + get) * get + Math.max(0, (end % (buy + get)) - buy);
}

function countOf(runs) {
  return sum(runs.map((one) => one.count));
}

function missingOf(groups, size) {
  return groups.length ? Math.min(...groups.map((runs) => size - (countOf(runs) % size))) : size;
}

function nthPiece(run, promotion, rule, positions) {
  const groups = alikeOf(run.board, rule.alike, byPrice(run.board, run.bases(promotion), positions));
  const { offs, times, uses } = ofEverySet(run, promotion, groups, rule.nth - 1, 1, rule.pays_bp);
  const missing = missingOf(groups, rule.nth);
  const hint = ["add_pieces_for_nth", { missing, pays_bp: rule.pays_bp }];
  if (!times) return refused("too_few_pieces", { missing }, hint);
  const more = missing < rule.nth && times < timesAllowed(promotion) ? hint : null;
  return effect(within(run, offs), times, uses, "nth_piece", { nth: rule.nth, pays_bp: rule.pays_bp }, more);
}

function buyGet(run, promotion, rule, positions) {
  const values = { buy: rule.buy, get: rule.get, pays_bp: rule.pays_bp ?? 0 };
  if (rule.get_goods) return buyGetOthers(run, promotion, rule, positions, values);
  const groups = alikeOf(run.board, rule.alike, byPrice(run.board, run.bases(promotion), positions));
  const { offs, times, uses } = ofEverySet(run, promotion, groups, rule.buy, rule.get, values.pays_bp);
  const size = rule.buy + rule.get;
  const missing = missingOf(groups, size);
  const hint = ["add_pieces_to_get", { missing, ...values }];
  if (!times) return refused("too_few_pieces", { missing }, hint);
  const more = missing < size && times < timesAllowed(promotion) ? hint : null;
  return effect(within(run, offs), times, uses, "buy_get", values, more);
}

function buyGetOthers(run, promotion, rule, positions, values) {
  const { board } = run;
  const bases = run.bases(promotion);
  const bought = byPrice(board, bases, positions);
  const getting = byPrice(board, bases, run.freeFor(promotion, board.scope(rule.get_goods)));
  const picked = board.cart.picked?.[`promotion:${promotion.id}`] ?? [];
  const turn = (one) => (picked.includes(board.lines[one.position].key) ? 0 : 1);
  getting.sort((a, b) => turn(a) - turn(b) || a.unit - b.unit || a.position - b.position);
  const mayBuy = new Set(bought.map((one) => one.position));
  const toBuy = countOf(bought);
  const onlyGet = countOf(getting.filter((one) => !mayBuy.has(one.position)));
  const limit = Math.min(timesAllowed(promotion) * rule.get, NO_LIMIT);
  const count = mostGot(rule, toBuy, onlyGet, countOf(getting), limit);
  if (!count) {
    const missing = rule.buy - toBuy;
    if (missing > 0) {
      return refused("too_few_pieces", { missing }, ["add_pieces_to_get", { missing, ...values }]);
    }
    return refused("nothing_to_get", {}, ["add_what_is_got", values]);
  }
  const times = ceilDiv(count, rule.get);
  let spare = toBuy - rule.buy * times;
  let left = count;
  const offs = new Map();
  const got = new Map();
  for (const one of getting) {
    const isShared = mayBuy.has(one.position);
    const taken = Math.min(one.count, left, isShared ? spare : left);
    if (taken) {
      got.set(one.position, taken);
      const price = worth(bases, board, one.position, taken);
      offs.set(one.position, price - atShare(price, values.pays_bp));
      left -= taken;
      if (isShared) spare -= taken;
    }
  }
  const uses = [...got.keys()];
  let needed = rule.buy * times;
  for (const one of bought) {
    const free = Math.min(one.count - (got.get(one.position) ?? 0), needed);
    if (free > 0) {
      uses.push(one.position);
      needed -= free;
    }
  }
  return effect(within(run, offs), times, uses, "buy_get", values);
}

function mostGot(rule, toBuy, onlyGet, toGet, limit) {
  let low = 0;
  let high = Math.min(toGet, limit);
  while (low < high) {
    const middle = div(low + high + 1, 2);
    if (rule.buy * ceilDiv(middle, rule.get) + Math.max(0, middle - onlyGet) <= toBuy) low = middle;
    else high = middle - 1;
  }
  return low;
}

function bundle(run, promotion, rule) {
  const { board } = run;
  const bases = run.bases(promotion);
  const parts = rule.parts.map((part) => byPrice(board, bases, run.freeFor(promotion, board.scope(part.goods))));
  const remaining = new Map();
  const units = new Map();
  for (const runs of parts) {
    for (const one of runs) {
      remaining.set(one.position, one.count);
      units.set(one.position, one.unit);
    }
  }
  const heads = parts.map(() => 0);
  const used = new Map();
  const allowed = timesAllowed(promotion);
  let times = 0;
  let missing = 0;
  let code = "too_few_pieces";
  while (times < allowed) {
    const oneSet = new Map();
    rule.parts.forEach((part, number) => {
      missing += drawPart(parts[number], heads, number, part.count, remaining, oneSet);
    });
    if (missing) break;
    let price = 0;
    for (const [position, taken] of oneSet) price += units.get(position) * taken;
    if (price <= rule.amount) {
      code = "not_cheaper";
      break;
    }
    let repeats = allowed - times;
    for (const [position, taken] of oneSet) repeats = Math.min(repeats, div(remaining.get(position), taken));
    times += repeats;
    for (const [position, taken] of oneSet) {
      used.set(position, (used.get(position) ?? 0) + taken * repeats);
      remaining.set(position, remaining.get(position) - taken * repeats);
    }
  }
  const hint = ["add_pieces_for_bundle", { missing, amount: rule.amount }];
  if (!times) return refused(code, {}, missing ? hint : null);
  const more = missing > 0 && missing < sum(rule.parts.map((part) => part.count)) ? hint : null;
  const order = [...used.keys()].sort((a, b) => a - b);
  const values = [];
  for (const position of order) values[position] = worth(bases, board, position, used.get(position));
  const off = sum(order.map((position) => values[position])) - times * rule.amount;
  return effect(within(run, spread(off, order, values)), times, order, "bundle", { amount: rule.amount }, more);
}

/** Takes `wanted` pieces into the set, the dearest first; what could not be had. */
function drawPart(runs, heads, number, wanted, remaining, oneSet) {
  let at = heads[number];
  while (wanted && at < runs.length) {
    const { position } = runs[at];
    const taken = Math.min(remaining.get(position) - (oneSet.get(position) ?? 0), wanted);
    if (taken > 0) {
      oneSet.set(position, (oneSet.get(position) ?? 0) + taken);
      wanted -= taken;
    } else if (!remaining.get(position) && at === heads[number]) {
      heads[number] += 1;
    }
    if (wanted) at += 1;
  }
  return wanted;
}

export const ON_GOODS = {
  PERCENT_OFF: percentOff,
  MONEY_OFF: moneyOff,
  FIXED_PRICE: fixedPrice,
  NTH_PIECE: nthPiece,
  BUY_GET: buyGet,
  BUNDLE: bundle,
};
