// The cart laid out for calculation, and one attempt to price it: rules/pricing/board.py in JavaScript.

import { localTime } from "./conditions.js";
import { UNIT, div, halfUp, partOf, tenThousandths } from "./exact.js";

// Long lists of ids as sets, made once for as long as the promotions stay the same.
const longSets = new WeakMap();
const NAMED = ["variant_ids", "product_ids", "category_ids", "brand_ids", "tags"];

export class Board {
  constructor(cart) {
    this.cart = cart;
    this.lines = cart.lines;
    this.quantities = cart.lines.map((line) => tenThousandths(line.quantity));
    this.listAmounts = cart.lines.map((line, position) =>
      line.amount == null ? halfUp(line.unit_amount, this.quantities[position], UNIT) : line.amount,
    );
    // Whole pieces; 0 for goods sold by measure, which no rule of pieces counts.
    this.pieces = cart.lines.map((line, position) => {
      const quantity = this.quantities[position];
      return line.is_measured || quantity % UNIT ? 0 : div(quantity, UNIT);
    });
    this.goods = [];
    this.index = Object.fromEntries(NAMED.map((name) => [name, new Map()]));
    cart.lines.forEach((line, position) => {
      if ((line.kind ?? "GOODS") !== "GOODS" || line.gift_of || line.is_price_protected) return;
      if (this.listAmounts[position] <= 0) return;
      this.goods.push(position);
      this.#note("variant_ids", line.variant_id, position);
      this.#note("product_ids", line.product_id, position);
      for (const id of line.category_ids ?? []) this.#note("category_ids", id, position);
      if (line.brand_id != null) this.#note("brand_ids", line.brand_id, position);
      for (const tag of line.tags ?? []) this.#note("tags", tag, position);
    });
    this.local = localTime(cart.at);
    this.scopes = new Map();
  }

  #note(name, key, position) {
    const known = this.index[name].get(key);
    if (known) known.push(position);
    else this.index[name].set(key, [position]);
  }

  /** The positions of the cart that the set names, in the order of the cart. */
  scope(goods) {
    if (!goods) return this.goods;
    let known = this.scopes.get(goods);
    if (!known) {
      known = this.#scope(goods);
      this.scopes.set(goods, known);
    }
    return known;
  }

  #scope(goods) {
    const found = new Set();
    const isNaming = NAMED.some((name) => goods[name]?.length);
    if (!isNaming) this.goods.forEach((position) => found.add(position));
    for (const name of NAMED) {
      this.#each(name, goods[name], (position) => found.add(position));
    }
    for (const name of NAMED) {
      this.#each(name, goods[`excluded_${name}`], (position) => found.delete(position));
    }
    return [...found].sort((a, b) => a - b);
  }

  // Whichever is shorter is walked: a set may name thousands of goods, a cart never does.
  #each(name, keys, act) {
    if (!keys?.length) return;
    const index = this.index[name];
    if (keys.length <= index.size) {
      for (const key of keys) index.get(key)?.forEach(act);
      return;
    }
    if (!longSets.has(keys)) longSets.set(keys, new Set(keys));
    const wanted = longSets.get(keys);
    for (const [key, positions] of index) if (wanted.has(key)) positions.forEach(act);
  }

  giftPositions(source) {
    return this.#where((line) => line.gift_of === source);
  }

  ofKind(kind) {
    return this.#where((line) => (line.kind ?? "GOODS") === kind);
  }

  #where(test) {
    const found = [];
    this.lines.forEach((line, position) => {
      if (test(line)) found.push(position);
    });
    return found;
  }
}

/** One attempt: `amounts` are the prices as they stand, `room` is what may still be taken off (null: no cap). */
export class Run {
  constructor(board, room) {
    this.board = board;
    this.amounts = board.listAmounts.slice();
    this.room = room;
    this.steps = [];
    this.refused = new Map();
    this.taken = new Set();
    this.closed = new Set();
    this.groups = new Map();
    this.shut = { COUPON: new Set(), TIER: new Set(), POINTS: new Set() };
    this.gifts = new Map();
  }

  take(stage, source, effect) {
    for (const [position, off] of effect.offs) this.amounts[position] -= off;
    this.steps.push({ stage, source, effect });
  }

  /** Those of the positions that no other promotion keeps from this one. */
  freeFor(promotion, positions) {
    const group = promotion.group ? this.groups.get(promotion.group) : undefined;
    const isAlone = (promotion.exclusion ?? "NONE") !== "NONE";
    if (!this.closed.size && !group && !(isAlone && this.taken.size)) return positions;
    return positions.filter(
      (position) =>
        !this.closed.has(position) && !(isAlone && this.taken.has(position)) && !(group && group.has(position)),
    );
  }

  bases(offer) {
    return offer.basis === "ORIGINAL" ? this.board.listAmounts : this.amounts;
  }
}

export function effect(offs, times, uses, code, values, hint = null) {
  return { isEffect: true, offs, times, uses, code, values, hint };
}

/** The same effect with the segment that let the customer have it, where one was asked for. */
export function because(found, segment) {
  return segment === null ? found : { ...found, values: { ...found.values, segment } };
}

export function refused(code, values = {}, hint = null) {
  return { isEffect: false, code, values, hint };
}

/** Equal pieces by line, the dearest first, the earlier line first where they cost the same. */
export function byPrice(board, bases, positions) {
  const found = [];
  for (const position of positions) {
    const count = board.pieces[position];
    if (count) found.push({ unit: div(bases[position], count), position, count });
  }
  return found.sort((a, b) => b.unit - a.unit || a.position - b.position);
}

/** Pieces that count together, the set with the dearest piece first. */
export function alikeOf(board, how, runs) {
  if ((how ?? "SET") === "SET") return runs.length ? [runs] : [];
  const found = new Map();
  for (const one of runs) {
    const line = board.lines[one.position];
    const key = how === "PRODUCT" ? line.product_id : line.variant_id;
    if (found.has(key)) found.get(key).push(one);
    else found.set(key, [one]);
  }
  return [...found.values()];
}

/** What `count` pieces of a line cost. */
export function worth(bases, board, position, count) {
  return partOf(bases[position], count, board.pieces[position]);
}

/** Discounts taken from the list price cannot be more than what the line still costs. */
export function within(run, offs) {
  const found = new Map();
  for (const [position, off] of offs) {
    const most = Math.min(off, run.amounts[position]);
    if (most > 0) found.set(position, most);
  }
  return found;
}
