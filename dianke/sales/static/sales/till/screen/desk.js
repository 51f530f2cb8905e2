// The machine as the screen wants it: the same doors, with answers shaped for showing. Everything the screen asks of the
// machine goes through here, so that a change of either side is met in one place.
import { Proposals } from "../machine/proposals.js";
import { told } from "../../pricing/tell.js";
import { money, quantityOf, unitsOf } from "./amounts.js";
import { isPrepaid } from "./basket.js";
import { reasons, say } from "./texts.js";

/** Which doors are handed on as they are. */
const SAME = ["find", "expect", "goodsOf", "favourites", "good", "members", "price", "sell", "channelSale", "refusal", "hold", "takeUp", "drop", "know", "keepOpen", "opened", "openShift", "countShift", "resumeShift",
  "closeShift", "handOverShift", "openDrawer", "xReport", "previewReturn", "print", "exportQueue", "importQueue", "sync", "retryHeld", "chooseRegister", "switchPerson", "takeNewVersion", "scan", "people"];

export class Desk extends EventTarget {
  constructor(machine, boot) {
    super();
    this.machine = machine;
    this.boot = boot;
    this.proposals = new Proposals(machine.api, boot);
    for (const name of SAME) this[name] = (...values) => machine[name](...values);
    machine.addEventListener("change", () => this.dispatchEvent(new Event("change")));
  }

  /** The machine's state with what the settings and the page add. */
  get state() {
    const { settings } = this.machine;
    return { ...this.machine.state, tenders: settings?.tenders ?? [], can: this.boot.can ?? {}, roundings: settings?.roundings ?? [], registers: this.machine.registers ?? [], takers: this.machine.takers ?? [] };
  }

  groups() {
    return this.machine.groups() ?? [];
  }

  /** A code of the engine as a sentence. */
  tell(kind, note) {
    return reasons ? told(kind, note, reasons, money) : (note.values?.name ?? note.code);
  }

  // --- members ---------------------------------------------------------------------------------------------------------
  /** {member, standing, coupons, wallet, cards, advice} as the strip shows them; null when nobody knows the customer here. */
  async memberDetail(id) {
    const detail = await this.machine.memberDetail(id);
    return detail && shownMember(detail);
  }

  /** {offers, kinds, cash_below}: what the customer can pay ahead for here. Online only. */
  prepaid(customerId) {
    return this.machine.api.get("/till/prepaid", { store_id: this.boot.store.id, customer_id: customerId });
  }

  async enter(values) {
    const detail = await this.machine.addMember(values);
    return detail.member;
  }

  // --- held ------------------------------------------------------------------------------------------------------------
  async held() {
    const rows = await this.machine.held();
    return rows.map(({ id, at, name, basket }) => ({
      id, at, name: name || say("no_name"), amount: basket.amount ?? null,
      count: basket.lines.reduce((sum, line) => sum + Math.max(Math.floor(unitsOf(String(line.quantity)) / 10000), 1), 0),
    }));
  }

  // --- what was sold before ----------------------------------------------------------------------------------------------
  /** [{key, id, uuid, number, at, amount, customer, register, isReturned, problem}], the newest first: what waits here,
   * then the store's; offline what this till made. */
  async pastSales(text) {
    const made = (await this.machine.sales()).map((sale) => shownSale(sale));
    const fits = (sale) => !text || [sale.number, sale.customer].some((each) => each?.toUpperCase().includes(text.toUpperCase()));
    if (!this.machine.state.online) return made.filter(fits);
    const found = await this.machine.findOrder(text);
    const sold = found.map((order) => ({
      key: `order-${order.id}`, id: order.id, number: order.number, at: order.occurred_at, amount: order.total_amount, customer: order.customer, register: order.register, isReturned: order.is_returned,
    }));
    return [...made.filter((sale) => !sale.id && fits(sale)), ...sold];
  }

  /** [{name, quantity, amount, returned, returnable}] of one of them. */
  async pastLines(sale) {
    if (sale.id && this.machine.state.online) {
      const { lines } = await this.order(sale.id);
      return lines.map((line) => ({ name: line.name, quantity: line.quantity, unit: line.unit, amount: line.paid_amount, returned: line.returned, returnable: unitsOf(line.returnable) > 0 }));
    }
    return Promise.all(sale.lines.map(async ({ line, amount }) => {
      const good = await this.#goodOf(line);
      return { name: line.name || good?.name || say("no_name"), quantity: String(line.quantity), unit: good?.unit ?? "", amount, returned: "0", returnable: !isPrepaid(line) };
    }));
  }

  // --- cash ------------------------------------------------------------------------------------------------------------
  moveCash({ kind, ...values }) {
    return kind === "TO_SAFE" ? this.machine.dropCash(values) : this.machine.moveCash({ kind, ...values });
  }

  // --- goods that come back --------------------------------------------------------------------------------------------
  /** [{id, number, …}] by number, receipt or customer. */
  findOrders(text) {
    return this.machine.findOrder(text);
  }

  /** One order with what may still come back of each line. */
  async order(id) {
    const order = await this.machine.order(id);
    const lines = await Promise.all(order.lines.map(async (line) => ({
      id: line.id, name: line.name, quantity: String(line.quantity), unit: (await this.#goodOf(line))?.unit ?? "", paid_amount: line.paid_amount, returned: String(line.returned_quantity),
      // Value paid ahead is given back on the customer's page.
      isPrepaid: isPrepaid(line),
      returnable: isPrepaid(line) ? "0" : quantityOf(Math.max(unitsOf(String(line.fulfilled_quantity)) - unitsOf(String(line.returned_quantity)), 0)),
    })));
    return { ...order, lines };
  }

  /** What a line sold, as this till knows it; null for a fee. */
  #goodOf(line) {
    return line.variant_id ? this.machine.good(line.variant_id) : null;
  }

  returnGoods({ order, items, reason, uuid, expected_refund, basket = null, payments = [] }) {
    return this.machine.returnGoods({ order_id: order.id, items, reason, uuid, expected_refund, exchange: basket ? { basket, payments } : null });
  }
}

/** What one of `good` costs the customer of `detail` by list: the price of the level where that is lower. */
export function priceFor(good, detail) {
  const tiered = detail ? good.tiers?.[detail.standing?.tier_code] : null;
  return tiered == null || good.amount == null ? good.amount : Math.min(tiered, good.amount);
}

function shownMember(detail) {
  const { standing, wallet } = detail;
  const worth = standing?.worth;
  return {
    member: detail.member,
    wallet,
    advice: (detail.advice ?? []).map((each) => each.text ?? each),
    isKept: Boolean(detail.isKept),
    standing: standing && {
      tier_code: standing.tier_code, tier_name: standing.tier_name, points: standing.points,
      worth_amount: worth?.points ? Math.floor(standing.points / worth.points) * worth.amount : 0,
      next: standing.next_tier ? { text: standing.next_tier.text ?? missingText(standing.next_tier) } : null,
    },
    coupons: (detail.coupons ?? []).map((coupon) => shownCoupon(coupon)),
    cards: (detail.cards ?? []).filter((card) => !card.why_not).map((card) => ({
      id: card.card_id, name: card.kind, needs_confirmation: card.needs_confirmation, items: card.items.map((item) => ({ variant_id: item.variant_id, name: item.service, left: item.left })),
    })),
  };
}

export function shownCoupon(coupon) {
  const over = coupon.expires_at ? new Intl.DateTimeFormat(document.documentElement.lang, { month: "numeric", day: "numeric" }).format(new Date(coupon.expires_at)) : "";
  const from = coupon.terms.threshold_amount ? say("coupon_from", { amount: money(coupon.terms.threshold_amount) }) : "";
  return { id: coupon.id, name: coupon.terms.name, usable: coupon.usable, why_not: coupon.why_not, note: [from, over && say("coupon_until", { day: over })].filter(Boolean).join(" · ") };
}

function missingText({ name, missing = [] }) {
  const first = missing.find((each) => each.missing > 0);
  if (!first) return "";
  return say(`next_by_${first.name}`, { amount: money(first.missing), count: first.missing, level: name });
}

/** A sale of this till's own queue or history, as the list of past sales shows it. */
function shownSale({ uuid, at, order, problem, basket, priced, register }) {
  const paid = new Map(priced.lines.map((line) => [line.key, line.paid_amount]));
  return {
    key: uuid, id: order?.id ?? null, uuid, number: order?.number ?? null, at, amount: priced.paid_amount, customer: "", register: register?.name ?? "",
    isReturned: false, problem: problem?.message ?? "", lines: basket.lines.map((line) => ({ line, amount: paid.get(line.key) ?? 0 })),
  };
}
