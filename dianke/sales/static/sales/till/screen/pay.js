// Taking the money: one tender or several, cash with what is put down and the change; then number, change, receipt.
// Enter does what the big button says; the sale is queued by the machine before anything is sent, so nothing is lost.
import { html } from "./lit.js";
import { Sheet, icon, walks } from "./part.js";
import { amountOf, likelyCash, money, newUuid, typed } from "./amounts.js";
import { isOfCustomer, isPrepaid } from "./basket.js";
import { pad, pressed } from "./pad.js";
import { printed } from "./past.js";
import { say } from "./texts.js";

const ICONS = { CASH: "cash", WECHAT: "brand-wechat", ALIPAY: "brand-alipay", CARD: "credit-card", TRANSFER: "building-bank", WALLET: "wallet", ACCOUNT: "notebook", GATEWAY: "qrcode" };

export class Pay extends Sheet {
  static properties = {
    priced: { attribute: false }, exchange: { attribute: false }, first: { attribute: false },
    payments: { state: true }, tender: { state: true }, amount: { state: true }, reference: { state: true }, isFresh: { state: true }, wrong: { state: true },
  };

  size = "is-pay";

  constructor() {
    super();
    Object.assign(this, { payments: [], amount: "", reference: "", isFresh: true, wrong: "" });
  }

  connectedCallback() {
    super.connectedCallback();
    // What cannot be sold without the server is said before any money is taken.
    this.problem = this.exchange ? null : this.till.refusal(this.basket.plain(), []);
    this.#choose(this.first && this.tenders.some((tender) => tender.code === this.first) ? this.first : this.tenders[0]?.code);
  }

  title() {
    return this.total < 0 ? say("give_back") : say("pay");
  }

  get total() {
    return this.priced.paid_amount - (this.exchange?.preview.refund_amount ?? 0);
  }

  get due() {
    return this.total - this.payments.reduce((sum, payment) => sum + payment.amount, 0);
  }

  get balance() {
    return (this.basket.member?.wallet?.spendable_amount ?? 0) - this.payments.filter((each) => each.tender === "WALLET").reduce((sum, each) => sum + each.amount, 0);
  }

  get tenders() {
    const { member, lines, toppedUp } = this.basket;
    const isAhead = lines.some((line) => isPrepaid(line));
    return (this.till.state.tenders ?? []).filter(({ code, account, adapter }) => {
      if (code === "EXCHANGE" || account === "exchange") return false;
      if (adapter === "gateway") return this.#takesChannels;
      // Value paid ahead is paid with money, large sums not in cash.
      if ((isAhead && (code === "WALLET" || code === "ACCOUNT")) || (toppedUp.isOverCash && account === "cash")) return false;
      if (code === "WALLET") return Boolean(member?.wallet?.spendable_amount);
      if (code === "ACCOUNT") return Boolean(member) && this.till.state.online;
      return true;
    });
  }

  /** A channel takes the whole of an order of goods; what belongs to the customer is a sale at once. */
  get #takesChannels() {
    const { lines, data } = this.basket;
    const isPlain = !data.points && !lines.some((line) => line.session_card_id || isOfCustomer(line));
    return isPlain && !this.exchange && !this.payments.length && this.till.state.online;
  }

  get isByChannel() {
    return this.chosen?.adapter === "gateway";
  }

  /** Why a kind of payment one may look for is not here. */
  get #missing() {
    const { toppedUp } = this.basket;
    const elsewhere = this.#takesChannels ? [] : (this.till.state.tenders ?? []).filter(({ adapter }) => adapter === "gateway").map(({ name }) => name);
    return [
      toppedUp.isOverCash && say("no_cash_for_top_ups", { amount: money(toppedUp.amount), below: money(toppedUp.below) }),
      elsewhere.length && say("tenders_elsewhere", { names: elsewhere.join("、") }),
    ].filter(Boolean);
  }

  get chosen() {
    return this.tenders.find((tender) => tender.code === this.tender) ?? this.tenders[0];
  }

  #choose(code) {
    this.tender = code;
    this.reference = "";
    this.wrong = "";
    const most = code === "WALLET" ? Math.min(this.balance, Math.max(this.due, 0)) : Math.max(this.due, 0);
    this.amount = typed(most);
    this.isFresh = true;
    this.updateComplete.then(() => {
      const field = this.querySelector(this.chosen?.needs_reference ? "#till-reference" : "#till-amount");
      field?.focus();
      field?.select?.();
    });
  }

  #type(key) {
    this.amount = pressed(this.amount, key, this.isFresh);
    this.isFresh = false;
    this.wrong = "";
  }

  #quick(amount) {
    this.amount = typed(amount);
    this.isFresh = true;
    this.wrong = "";
    this.querySelector("#till-amount").focus();
  }

  /** The payment that is being entered: {tender, amount, tendered_amount?, reference}, or null with `wrong` said. */
  #entered() {
    const given = amountOf(this.amount);
    const { chosen, due } = this;
    const wrong = (text) => {
      this.wrong = text;
      return null;
    };
    if (!given) return wrong(say("wrong_amount"));
    if (given > due && !chosen.gives_change) return wrong(say("too_much", { amount: money(due), tender: chosen.name }));
    if (chosen.code === "WALLET" && given > this.balance) return wrong(say("wallet_short", { amount: money(this.balance) }));
    if (chosen.needs_reference && !this.reference.trim()) {
      this.querySelector("#till-reference")?.focus();
      return wrong(say("reference_missing", { tender: chosen.name }));
    }
    const payment = { uuid: newUuid(), tender: chosen.code, amount: Math.min(given, due), reference: this.reference.trim() };
    return chosen.gives_change ? { ...payment, tendered_amount: given } : payment;
  }

  async go(event) {
    event?.preventDefault();
    if (this.busy) return;
    let payments = this.payments;
    if (this.due > 0 && this.isByChannel) {
      const { tender, priced } = this;
      this.close();
      this.ask("channel", { tender, priced });
      return;
    }
    if (this.due > 0) {
      const payment = this.#entered();
      if (!payment) return;
      payments = [...payments, payment];
      if (payment.amount < this.due) {
        this.payments = payments;
        const other = this.tenders.find((tender) => tender.code !== payment.tender);
        this.#choose(other?.code ?? payment.tender);
        return;
      }
    }
    const refused = this.exchange ? null : this.till.refusal(this.basket.plain(), payments);
    if (refused) {
      this.problem = refused;
      return;
    }
    const result = await this.doing(() => this.#sell(payments));
    // "unconfirmed" was sold: the server will say so later. Everything else that is a problem was not.
    if (result?.problem && result.problem.code !== "unconfirmed") this.problem = result.problem;
    else if (result) this.close({ sold: result, payments, total: this.total, change: result.change ?? changeOf(payments) });
  }

  #sell(payments) {
    const basket = this.basket.plain();
    if (!this.exchange) return this.till.sell(basket, payments);
    const { order, items, reason, preview, uuid } = this.exchange;
    return this.till.returnGoods({ order, items, reason, uuid, expected_refund: preview.refund_amount, basket, payments });
  }

  #payments() {
    if (!this.payments.length) return "";
    const name = (code) => this.till.state.tenders.find((tender) => tender.code === code)?.name ?? code;
    return html`<ul class="tl-paid" aria-label=${say("paid_so_far")}>${this.payments.map((payment) => html`
      <li><span>${icon("check", "icon-s")} ${name(payment.tender)}</span><span class="num">${money(payment.amount)}</span>
        <button type="button" class="btn btn-ghost btn-icon" aria-label=${say("take_away_payment", { tender: name(payment.tender) })} @click=${() => { this.payments = this.payments.filter((each) => each !== payment); this.#choose(this.tender); }}>${icon("x")}</button></li>`)}</ul>`;
  }

  body() {
    const { due, chosen } = this;
    if (due <= 0) {
      return html`<div class="tl-due"><span>${say(this.total < 0 ? "give_back" : "nothing_due")}</span><strong class="num">${money(Math.abs(this.total))}</strong></div>
        <p class="t-2">${this.total < 0 ? say("give_back_hint") : say("nothing_due_hint")}</p>`;
    }
    const given = amountOf(this.amount) ?? 0;
    const change = chosen?.gives_change ? Math.max(given - due, 0) : 0;
    return html`
      <form id="till-pay" class="tl-pay-grid" @submit=${(event) => this.go(event)}>
        <div class="tl-pay-side">
          <div class="tl-due"><span>${this.payments.length ? say("still_due") : say("due")}</span><strong class="num">${money(due)}</strong></div>
          ${this.#payments()}
          <div class="tl-tenders" role="group" aria-label=${say("tenders")} @keydown=${walks}>
            ${this.tenders.map((tender, at) => html`
              <button type="button" class="tl-tender" aria-pressed=${String(tender.code === this.tender)} aria-keyshortcuts="Alt+${at + 1}" @click=${() => this.#choose(tender.code)}>
                ${icon(ICONS[tender.code] ?? "cash-banknote")}<span>${tender.name}${tender.code === "WALLET" ? html`<small class="num">${money(this.balance)}</small>` : ""}</span></button>`)}
          </div>
          ${this.#missing.map((text) => html`<p class="dk-hint">${text}</p>`)}
        </div>
        ${this.isByChannel ? html`<div class="tl-pay-main"><p class="t-2">${say("channel_hint", { tender: chosen.name })}</p></div>` : html`<div class="tl-pay-main">
          ${chosen?.needs_reference ? html`
            <div class="dk-field"><label for="till-reference">${say("reference")}</label>
              <input id="till-reference" class="form-control form-control-big" autocomplete="off" maxlength="64" .value=${this.reference} @input=${(event) => { this.reference = event.target.value; this.wrong = ""; }} aria-describedby="till-pay-wrong"></div>` : ""}
          <div class="dk-field"><label for="till-amount">${say(chosen?.gives_change ? "put_down" : "amount")}</label>
            <div class="dk-affix"><span>¥</span><input id="till-amount" class="form-control form-control-big num tl-amount" inputmode="decimal" autocomplete="off" aria-invalid=${this.wrong ? "true" : "false"} aria-describedby="till-pay-wrong"
              .value=${this.amount} @input=${(event) => { this.amount = event.target.value; this.isFresh = false; this.wrong = ""; }}></div></div>
          <p id="till-pay-wrong" class="dk-error" role="alert" ?hidden=${!this.wrong}>${this.wrong}</p>
          ${chosen?.gives_change ? html`
            <div class="tl-quick" role="group" aria-label=${say("put_down")}>${likelyCash(due).map((amount, at) => html`<button type="button" class="btn btn-till num" @click=${() => this.#quick(amount)}>${at ? money(amount).replace(/\.00$/, "") : say("exact")}</button>`)}</div>` : ""}
          ${chosen?.gives_change ? html`<p class="tl-change" aria-live="polite"><span>${say("change")}</span><strong class="num">${money(change)}</strong></p>` : ""}
          ${pad((key) => this.#type(key))}
        </div>`}
      </form>`;
  }

  foot() {
    const given = amountOf(this.amount) ?? 0;
    const part = this.due > 0 && given > 0 && given < this.due;
    if (this.due > 0 && this.isByChannel) return html`<button type="submit" form="till-pay" class="btn btn-primary btn-till btn-wide tl-go">${say("channel_ask", { amount: money(this.due) })}</button>`;
    const text = this.total < 0 ? say("confirm_exchange") : part ? say("take_part", { amount: money(given), rest: money(this.due - given) }) : say("finish", { amount: money(Math.max(this.due > 0 ? this.due : this.total, 0)) });
    const label = this.busy ? say("working") : text;
    return this.due > 0
      ? html`<button type="submit" form="till-pay" class="btn btn-primary btn-till btn-wide tl-go" ?disabled=${this.busy}>${label}</button>`
      : html`<button type="button" class="btn btn-primary btn-till btn-wide tl-go" autofocus ?disabled=${this.busy} @click=${() => this.go()}>${label}</button>`;
  }

  keys(event) {
    const digit = event.altKey && /^Digit([1-9])$/.exec(event.code);
    const tender = digit && this.tenders[Number(digit[1]) - 1];
    if (tender) {
      event.preventDefault();
      this.#choose(tender.code);
    } else if (event.key === "F9" || (event.key === "Enter" && this.due <= 0 && !event.target.closest("button"))) {
      event.preventDefault();
      this.go();
    }
  }
}
customElements.define("dk-till-pay", Pay);

export class Done extends Sheet {
  static properties = { result: { attribute: false } };

  size = "is-done";

  /** The order the receipt is of: what was sold, or taken in exchange. Of a sale that is not sent yet there is none. */
  get orderId() {
    const { sold } = this.result;
    return ("exchange_id" in sold ? sold.exchange_id : sold.order_id) ?? null;
  }

  print() {
    return printed(this, { id: this.orderId, uuid: this.result.sold.uuid });
  }

  title() {
    return say(this.result.isReturn ? "returned" : "sold");
  }

  body() {
    const { sold, change, total } = this.result;
    return html`
      <div class="tl-done" role="status">
        ${change > 0
          ? html`<span class="t-2">${say("change")}</span><strong class="tl-done-figure num">${money(change)}</strong><span class="t-2 num">${say("due")} ${money(total)}</span>`
          : html`<span class="tl-done-mark">${icon("check", "icon-l")}</span><strong class="tl-done-figure num">${money(Math.abs(total))}</strong>`}
        <p class="num">${sold.number ? say("number_is", { number: sold.number }) : say("kept_here")}</p>
        ${sold.problem ? html`<p class="dk-alert is-wait">${icon("alert-triangle")}<span class="dk-alert-text">${sold.problem.message}</span></p>` : ""}
        ${this.orderId ? html`<figure class="tl-qr"><img src=${`/receipts/${this.orderId}/code.svg`} width="144" height="144" alt=${say("receipt_qr")}><figcaption class="t-2 t-s">${say("receipt_scan")}</figcaption></figure>` : ""}
      </div>`;
  }

  foot() {
    return html`
      ${this.result.isReturn ? "" : html`<button type="button" class="btn btn-till" ?disabled=${this.busy} @click=${() => this.print()}>${icon("printer")}${say("print")}</button>`}
      ${this.orderId ? html`<a class="btn btn-till" href=${`/receipts/${this.orderId}/`} target="_blank" rel="noopener">${icon("receipt")}${say("receipt")}</a>` : ""}
      <button type="button" class="btn btn-primary btn-till push" autofocus @click=${() => this.close()}>${say("next_sale")}<kbd>Enter</kbd></button>`;
  }

  keys(event) {
    if (event.key === "Enter" && !event.target.closest("a, button")) {
      event.preventDefault();
      this.close();
    }
  }
}
customElements.define("dk-till-done", Done);

function changeOf(payments) {
  return payments.reduce((sum, each) => sum + Math.max((each.tendered_amount ?? each.amount) - each.amount, 0), 0);
}
