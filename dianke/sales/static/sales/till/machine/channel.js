// A payment a channel takes (its app, its terminal): the order stands first, then the channel is asked until it says
// yes or no, then the goods leave. Nothing is kept here: the order and its payment are the server's, under UUIDs this
// till made, so a sale that is begun again after a reload or a lost answer goes on where it was.
import { newUuid } from "./ids.js";

export class ChannelSale {
  #api;
  #ids = { payment: newUuid(), fulfilment: newUuid() };
  order = null;
  payment = null;

  /** `body`: a sale as it is sent, without payments; `tender` is the channel's. */
  constructor(api, body, tender) {
    this.#api = api;
    this.body = body;
    this.tender = tender;
  }

  /** The order, and its payment as the channel sees it now: {state, show_image, …}. */
  async begin() {
    this.order = await this.#api.post("/orders", this.body);
    const running = this.order.payments.find((each) => each.tender === this.tender && each.state !== "FAILED");
    if (running) return this.#told(running.state === "TAKEN" ? running : await this.#api.post(`/payments/${running.id}/ask`));
    const { register_id, shift_id } = this.body;
    const asked = { uuid: this.#ids.payment, tender: this.tender, amount: this.order.total_amount, register_id, shift_id };
    return this.#told(await this.#api.post(`/orders/${this.order.id}/payments`, asked));
  }

  /** What became of it. */
  async ask() {
    return this.#told(await this.#api.post(`/payments/${this.payment.id}/ask`));
  }

  /** Called off, unless it was paid meanwhile. */
  async cancel() {
    return this.#told(await this.#api.post(`/payments/${this.payment.id}/cancel`));
  }

  /** Paid: the goods leave. The order with its number. */
  async finish() {
    this.order = await this.#api.post(`/orders/${this.order.id}/fulfil`, { uuid: this.#ids.fulfilment });
    return this.order;
  }

  /** Not paid: nothing of the order stays. */
  async drop(reason) {
    await this.#api.post(`/orders/${this.order.id}/cancel`, { reason, is_customers_fault: false });
  }

  #told(payment) {
    this.payment = payment;
    return payment;
  }
}
