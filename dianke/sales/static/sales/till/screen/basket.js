// What is being sold: lines, the customer and what they use. `plain()` is the basket of the contract with the machine;
// besides, the screen remembers how each line is shown. Every change tells "change"; the last removal can be undone.
import { newUuid, stepped, unitsOf } from "./amounts.js";

const EMPTY = { customer_id: null, coupon_ids: [], points: 0, rounding: "", note: "", order_off: null };

/** Value paid ahead: no goods, at what it says, once. */
export function isPrepaid(line) {
  return line.kind === "TOP_UP" || line.kind === "CARD";
}

/** That, or a member level: the customer's own, at its price, once. */
export function isOfCustomer(line) {
  return isPrepaid(line) || line.kind === "LEVEL";
}

export class Basket extends EventTarget {
  /** `kept` is what `kept()` gave: a held sale, or the one that was open when the page went away. */
  constructor(kept = null) {
    super();
    this.#begin(kept);
  }

  #begin(kept) {
    const { shown, ...data } = kept ?? {};
    this.data = { uuid: newUuid(), lines: [], ...EMPTY, ...structuredClone(data) };
    /** key → the good of the line, and the piece or card it names */
    this.shown = structuredClone(shown ?? {});
    /** `memberDetail` of the customer, or null; asked for again where only the number was kept */
    this.member = null;
    this.selected = this.data.lines.at(-1)?.key ?? null;
  }

  get lines() {
    return this.data.lines;
  }

  get isEmpty() {
    return !this.data.lines.length;
  }

  /** Pieces in the basket; goods by measure count as one. */
  get count() {
    return this.lines.reduce((sum, line) => sum + (this.shown[line.key]?.good.is_measured ? 1 : Math.floor(unitsOf(line.quantity) / 10000)), 0);
  }

  /** What is topped up in all, and whether that is too much for cash: the law counts all of it at once. */
  get toppedUp() {
    const lines = this.lines.filter((line) => line.kind === "TOP_UP");
    const amount = lines.reduce((sum, line) => sum + line.amount, 0);
    const below = lines.map((line) => this.shown[line.key]?.cashBelow ?? null).find((each) => each !== null) ?? null;
    return { amount, below, isOverCash: below !== null && amount >= below };
  }

  line(key) {
    return this.lines.find((line) => line.key === key);
  }

  /** The same again, as another sale. */
  renew() {
    this.data.uuid = newUuid();
    this.dispatchEvent(new Event("change"));
  }

  plain() {
    return structuredClone(this.data);
  }

  /** All there is but the customer's own data: who it is comes from the machine again. */
  kept() {
    return { ...structuredClone(this.data), shown: structuredClone(this.shown) };
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** One more of `good`: the line that has it already grows, unless something of it was set by hand. */
  add(good, { quantity = "1", piece = null, more = {} } = {}) {
    const alike = !piece && !good.is_measured && !Object.keys(more).length && this.lines.find((line) =>
      line.variant_id === good.id && !line.piece_id && !line.session_card_id && !line.data && line.unit_amount === undefined && line.discount_amount === undefined);
    if (alike) {
      alike.quantity = stepped(alike.quantity, Number(quantity));
      this.selected = alike.key;
      this.tell();
      return alike;
    }
    const line = { key: newUuid().slice(0, 8), variant_id: good.id ?? null, piece_id: piece?.id ?? null, quantity, people: this.lastPeople ?? [], ...more };
    this.lines.push(line);
    this.shown[line.key] = { good, piece };
    this.selected = line.key;
    this.tell();
    return line;
  }

  change(key, values) {
    const line = this.line(key);
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete line[name];
      else line[name] = value;
    }
    // Who serves the customer serves them for the next line too.
    if (values.people) this.lastPeople = values.people;
    this.selected = key;
    this.tell();
  }

  /** By whole units; at nothing left the line goes. Answers with how to take that back, or null. */
  step(key, by) {
    const line = this.line(key);
    const quantity = stepped(line.quantity, by);
    if (!unitsOf(quantity)) return this.remove(key);
    this.change(key, { quantity });
    return null;
  }

  /** Answers with a function that brings the line back where it was. */
  remove(key) {
    const at = this.lines.findIndex((line) => line.key === key);
    const [line] = this.lines.splice(at, 1);
    this.selected = (this.lines[at] ?? this.lines.at(-1))?.key ?? null;
    this.tell();
    return () => {
      this.lines.splice(at, 0, line);
      this.selected = line.key;
      this.tell();
    };
  }

  /** The customer; one who is the same keeps what was chosen. */
  setMember(detail) {
    this.member = detail;
    if (detail && detail.member.id === this.data.customer_id) {
      this.tell();
      return;
    }
    this.data.customer_id = detail?.member.id ?? null;
    this.data.coupon_ids = [];
    this.data.points = 0;
    // Cards, and what was to be topped up or sold to somebody, are theirs.
    this.data.lines = this.lines.filter((line) => !line.session_card_id && !isOfCustomer(line));
    this.tell();
  }

  toggleCoupon(id) {
    const { coupon_ids: ids } = this.data;
    this.data.coupon_ids = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id];
    this.tell();
  }

  set(values) {
    Object.assign(this.data, values);
    this.tell();
  }

  /** Begin anew; answers with how to take that back. */
  clear() {
    const kept = this.kept();
    const { member } = this;
    this.lastPeople = null;
    this.#begin(null);
    this.tell();
    return () => this.load(kept, member);
  }

  load(kept, member = null) {
    this.#begin(kept);
    this.member = member;
    this.tell();
  }
}
