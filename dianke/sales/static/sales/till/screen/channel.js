// Waiting for a channel: the customer's code, how long it takes, calling it off. What the channel says comes by asking
// again and again; nothing is sold before it says yes, and nobody is asked to pay twice while it is silent.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { money } from "./amounts.js";
import { say } from "./texts.js";

const AGAIN = 2_000;
/** From here on (seconds) one had better ask the customer. */
const LONG = 90;

export class ChannelWait extends Sheet {
  static properties = { priced: { attribute: false }, tender: { attribute: false }, payment: { state: true }, seconds: { state: true }, silent: { state: true }, stuck: { state: true } };

  size = "is-done";
  #sale = null;
  #timer = null;
  #since = Date.now();

  constructor() {
    super();
    Object.assign(this, { payment: null, seconds: 0, silent: false, stuck: false });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#sale = this.till.channelSale(this.basket.plain(), this.tender);
    this.#step(() => this.#sale.begin());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#timer = null;
    this.isGone = true;
  }

  title() {
    return say("pay");
  }

  get isOpen() {
    return ["PENDING", "UNKNOWN"].includes(this.payment?.state);
  }

  /** One question to the server and what follows from its answer. A refusal ends it, silence does not. */
  async #step(act) {
    clearTimeout(this.#timer);
    try {
      this.payment = await act();
      this.silent = this.payment.state === "UNKNOWN";
    } catch (error) {
      if (error.code) {
        this.problem = error;
        return;
      }
      this.silent = true;
    }
    if (this.payment?.state === "TAKEN") await this.finish();
    else if (this.payment?.state === "FAILED") await this.#drop();
    else this.#later();
  }

  #later() {
    if (this.isGone) return;
    this.seconds = Math.round((Date.now() - this.#since) / 1000);
    this.#timer = setTimeout(() => this.#step(() => (this.payment ? this.#sale.ask() : this.#sale.begin())), AGAIN);
  }

  async finish() {
    const order = await this.doing(() => this.#sale.finish());
    this.stuck = !order;
    if (order) this.#sold(order);
  }

  #sold(order, problem = null) {
    const { payment } = this;
    super.close({ sold: { uuid: order.uuid, sent: true, number: order.number, order_id: order.id, problem }, payments: [{ tender: this.tender, amount: payment.amount }], total: payment.amount, change: 0 });
  }

  /** The money is there, the goods are not: the order stays and is handed over later. */
  #leavePaid() {
    const { order } = this.#sale;
    this.#sold(order, { message: say("channel_goods", { number: order.number }) });
  }

  /** Nothing of it stays; the same basket can be paid another way, as another sale. */
  async #drop() {
    await this.doing(() => this.#sale.drop(say("channel_reason")));
    this.basket.renew();
  }

  cancel() {
    if (this.payment && !this.busy) this.#step(() => this.#sale.cancel());
  }

  /** Nobody knows what became of it: the order keeps the question, the till goes on. */
  #leaveOpen() {
    this.ask("notice", { text: say("channel_left", { number: this.#sale.order.number }) });
    this.basket.clear();
    super.close();
  }

  close() {
    if (this.isOpen) this.cancel();
    else if (this.stuck) this.#leavePaid();
    else super.close();
  }

  #again() {
    super.close();
    this.ask("pay");
  }

  body() {
    const amount = html`<strong class="tl-done-figure num">${money(this.payment?.amount ?? this.priced.paid_amount)}</strong>`;
    if (this.stuck) return html`<div class="tl-done">${amount}<p>${say("channel_stuck", { number: this.#sale.order.number })}</p></div>`;
    if (this.payment?.state === "FAILED") return html`<div class="tl-done" role="status">${amount}<p>${say("channel_failed")}</p></div>`;
    if (this.problem) return html`<div class="tl-done">${amount}</div>`;
    return html`
      <div class="tl-done" role="status">${amount}
        ${this.payment?.show_image ? html`<figure class="tl-qr"><img src=${this.payment.show_image} width="144" height="144" alt=${say("channel_scan")}><figcaption class="t-2 t-s">${say("channel_scan")}</figcaption></figure>` : ""}
        <p>${icon("clock", "icon-s")} ${say("channel_wait")} <span class="num t-2" aria-hidden="true">${this.seconds ? say("channel_seconds", { count: this.seconds }) : ""}</span></p>
        ${this.silent ? html`<p class="dk-alert is-wait">${icon("alert-triangle")}<span class="dk-alert-text">${say("channel_silent")}</span></p>` : this.seconds >= LONG ? html`<p class="t-2">${say("channel_long")}</p>` : ""}
      </div>`;
  }

  foot() {
    const button = (text, act, kind = "") => html`<button type="button" class="btn btn-till ${kind}" ?disabled=${this.busy} @click=${act}>${text}</button>`;
    if (this.stuck) return html`${button(say("channel_leave"), () => this.#leavePaid())}${button(say("channel_try"), () => this.finish(), "btn-primary push")}`;
    if (this.problem || this.payment?.state === "FAILED") return button(say("channel_other"), () => this.#again(), "btn-primary btn-wide");
    return html`${button(say("channel_cancel"), () => this.cancel())}${this.silent && this.payment ? button(say("channel_leave"), () => this.#leaveOpen(), "push") : ""}`;
  }
}
customElements.define("dk-till-channel", ChannelWait);
