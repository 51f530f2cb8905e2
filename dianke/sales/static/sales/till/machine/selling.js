// A sale from the basket to the queue: what is sent, what the limits say, what the clerk is told; and the file of unsent
// sales that goes from one till to another.
import { basketOf } from "./basket.js";
import { ChannelSale } from "./channel.js";
import { newUuid } from "./ids.js";
import { Refused } from "./queue.js";
import { refusalOffline } from "./rules.js";
import { openFile, sealFile } from "./seal.js";

export class Selling {
  #with;

  /** `parts`: boot, api, queue, sender, registers, standing; whole(basket), price(basket), refuse({code, values}) → Refusal. */
  constructor(parts) {
    this.#with = parts;
  }

  /** {code, values, message} of what cannot be sold without the server, or null. */
  refusal(basket, payments) {
    const { limits } = this.#with.standing;
    const whole = this.#with.whole(basket);
    const context = this.#context(whole, this.#with.price(whole), payments);
    const found = refusalOffline({ ...context, grant: limits?.grant, used: limits?.used });
    return found && { ...found, message: this.#with.refuse(found).message };
  }

  #context(basket, priced, payments) {
    const { boot, api, standing } = this.#with;
    return { basket, priced, payments, tenders: standing.tenders, device: boot.device, now: api.now(), can: boot.can };
  }

  /** What the server is sent, but for what the queue adds: till, number, and what was taken offline. */
  bodyOf(basket, priced, payments) {
    const { boot, api, registers } = this.#with;
    return {
      ...basketOf(basket, boot.store.id),
      uuid: basket.uuid,
      payments: payments.map((each) => ({
        uuid: each.uuid ?? newUuid(),
        tender: each.tender,
        amount: each.amount,
        tendered_amount: each.tendered_amount ?? null,
        reference: each.reference ?? "",
      })),
      register_id: registers.register?.id ?? null,
      shift_id: registers.shift?.id ?? null,
      occurred_at: new Date(api.now()).toISOString(),
      device_at: new Date().toISOString(),
      expected_amount: priced.paid_amount,
      note: basket.note ?? "",
    };
  }

  /** The same, paid by a channel: it is asked until it says yes or no (channel.js). Needs the server. */
  channelSale(given, tender) {
    const basket = this.#with.whole(given);
    const { occurred_at: _at, device_at: _here, payments: _none, ...body } = this.bodyOf(basket, this.#with.price(basket), []);
    return new ChannelSale(this.#with.api, body, tender);
  }

  async sell(given, payments) {
    const { api, sender } = this.#with;
    const basket = this.#with.whole(given);
    const priced = this.#with.price(basket);
    const change = payments.reduce((sum, each) => sum + Math.max((each.tendered_amount ?? each.amount) - each.amount, 0), 0);
    const isOffline = !api.online;
    const entry = await this.#write(basket, priced, payments, isOffline, change);
    const result = { uuid: basket.uuid, sent: false, number: null, order_id: null, change, problem: null };
    if (isOffline) {
      sender.plan();
      return result;
    }
    const answer = entry.order ? { order: entry.order } : await sender.now(entry);
    if (answer.order) return { ...result, sent: true, number: answer.order.number, order_id: answer.order.id };
    if (!answer.isUnknown) return { ...result, problem: answer.problem };
    return { ...result, problem: this.#with.refuse({ code: "unconfirmed" }).problem };
  }

  async #write(basket, priced, payments, isOffline, change) {
    const { boot, queue, registers } = this.#with;
    const shown = { basket: { ...basket }, priced, payments, change, person: boot.person, store: boot.store, register: registers.register };
    const sold = priced.lines.map((line) => [line.key, line.paid_amount]);
    const body = this.bodyOf(basket, priced, payments);
    try {
      return await queue.write({ ...this.#context(basket, priced, payments), body, sold, shown, isOffline });
    } catch (error) {
      throw error instanceof Refused ? this.#with.refuse(error) : error;
    }
  }

  /** Goods that come back; with `exchange` {basket, payments} what is taken instead. */
  giveBack({ exchange = null, uuid = newUuid(), ...values }) {
    const body = { ...values, uuid };
    if (exchange) {
      const basket = this.#with.whole(exchange.basket);
      body.exchange = this.bodyOf(basket, this.#with.price(basket), exchange.payments);
    }
    return this.#with.registers.giveBack(body);
  }

  async print(what, way, options) {
    const { api, queue, registers } = this.#with;
    const sale = typeof what === "string" ? await queue.shownOf(what) : null;
    const orderId = sale ? sale.order?.id : what;
    if (!orderId || !api.online) return { kind: "local", sale };
    const printed = await registers.print(orderId, way, options);
    return printed instanceof Blob ? { kind: way, blob: printed } : { kind: "network", ...printed };
  }

  async exported(password) {
    const { boot, api, queue } = this.#with;
    const { store, device } = boot;
    return sealFile({ exported_at: new Date(api.now()).toISOString(), store, device, sales: await queue.exported() }, password);
  }

  async imported(file, password) {
    const { boot, queue } = this.#with;
    let content;
    try {
      content = await openFile(file, password);
    } catch (error) {
      throw this.#with.refuse({ code: `file_${error.code ?? "not_ours"}` });
    }
    if (content.store?.id !== boot.store.id) throw this.#with.refuse({ code: "file_store", values: { store: content.store?.name ?? "" } });
    return queue.imported(content.sales);
  }
}
