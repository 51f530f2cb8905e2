// A discount by hand on the whole order: a share, an amount, or down to a total, with its reason. The machine spreads it
// over the lines; what it comes to stands in the sheet while one types.
import { html } from "./lit.js";
import { Sheet, icon, walks } from "./part.js";
import { amountOf, money, paysOf, shareOf, typed } from "./amounts.js";
import { say } from "./texts.js";

const WAYS = ["share", "amount", "total"];
const REASONS = ["why_regular", "why_flaw", "why_agreed"];

export class OrderOff extends Sheet {
  static properties = { way: { state: true }, value: { state: true }, reason: { state: true }, wrong: { state: true } };

  constructor() {
    super();
    Object.assign(this, { way: "share", value: "", reason: "", wrong: {} });
  }

  connectedCallback() {
    const { order_off: off } = this.basket.data;
    const all = this.#priced(null).paid_amount;
    if (off) {
      Object.assign(this, { way: off.pays_bp ? "share" : "amount", value: off.pays_bp ? shareOf(off.pays_bp) : typed(off.amount), reason: off.reason });
    }
    /** What the goods cost before, and how much of it may be taken off. */
    this.sums = { all, most: this.#priced({ amount: all, reason: "" }).order_off_amount };
    super.connectedCallback();
  }

  title() {
    return say("order_off");
  }

  // Before points and rounding, which come afterwards.
  #priced(off) {
    return this.till.price({ ...this.basket.plain(), order_off: off, points: 0, rounding: "" });
  }

  /** {pays_bp} or {amount}; else what is wrong. To a total becomes an amount: goods added later cost what they cost. */
  #off() {
    const { all, most } = this.sums;
    if (this.way === "share") {
      const pays = paysOf(this.value);
      return pays ? { pays_bp: pays } : { wrong: say("order_off_wrong_share") };
    }
    const given = amountOf(this.value);
    if (given === null) return { wrong: say("wrong_amount") };
    const amount = this.way === "amount" ? given : all - given;
    if (amount <= 0) return { wrong: say(this.way === "amount" ? "wrong_amount" : "order_off_no_less", { amount: money(all) }) };
    return amount > most ? { wrong: say("order_off_most", { amount: money(most) }) } : { amount };
  }

  #choose(way) {
    this.way = way;
    this.value = "";
    this.wrong = {};
    this.querySelector("#till-off-value").focus();
  }

  save(event) {
    event?.preventDefault();
    const { wrong, ...off } = this.#off();
    const reason = this.reason.trim();
    this.wrong = { value: wrong, reason: reason ? "" : say("reason_missing") };
    const first = wrong ? "value" : reason ? "" : "reason";
    if (first) {
      this.querySelector(`#till-off-${first}`).focus();
      return;
    }
    this.basket.set({ order_off: { ...off, reason } });
    this.close();
  }

  #now() {
    const { wrong, ...off } = this.#off();
    if (wrong) return "";
    const { paid_amount: now, order_off_amount: amount } = this.#priced({ ...off, reason: "" });
    return html`<p class="tl-due" role="status"><span>${say("order_off_now", { before: money(this.sums.all), off: money(amount) })}</span><strong class="num">${money(now)}</strong></p>`;
  }

  body() {
    if (!this.till.state.can.change_prices) {
      return html`<div class="dk-empty is-small">${icon("lock", "icon-l")}<p>${say("may_not_change_prices")}</p></div>`;
    }
    const { way, wrong } = this;
    return html`
      <form id="till-off" class="dk-form" @submit=${(event) => this.save(event)}>
        <div class="tl-toggle-row" role="group" aria-label=${say("order_off")} @keydown=${walks}>${WAYS.map((each) => html`<button type="button" class="tl-toggle" aria-pressed=${String(way === each)} @click=${() => this.#choose(each)}>${say(`order_off_${each}`)}</button>`)}</div>
        <div class="dk-field"><label for="till-off-value">${say(`order_off_${way}_label`)}</label>
          <div class="dk-affix">${way === "share" ? "" : html`<span>¥</span>`}<input id="till-off-value" class="form-control form-control-big num" inputmode="decimal" autocomplete="off" autofocus maxlength="12" aria-invalid=${wrong.value ? "true" : "false"} aria-describedby="till-off-value-told" .value=${this.value} @input=${(event) => { this.value = event.target.value; this.wrong = { ...wrong, value: "" }; }}></div>
          <p id="till-off-value-told" class=${wrong.value ? "dk-error" : "dk-hint"}>${wrong.value || say(`order_off_${way}_hint`)}</p></div>
        <div class="dk-field"><label for="till-off-reason">${say("reason")}</label>
          <div class="tl-toggle-row">${REASONS.map((code) => html`<button type="button" class="tl-toggle" aria-pressed=${String(this.reason === say(code))} @click=${() => { this.reason = say(code); this.wrong = { ...wrong, reason: "" }; }}>${say(code)}</button>`)}</div>
          <input id="till-off-reason" class="form-control form-control-big" maxlength="200" autocomplete="off" placeholder=${say("reason_other")} aria-invalid=${wrong.reason ? "true" : "false"} aria-describedby="till-off-reason-told" .value=${this.reason} @input=${(event) => { this.reason = event.target.value; this.wrong = { ...wrong, reason: "" }; }}>
          <p id="till-off-reason-told" class=${wrong.reason ? "dk-error" : "dk-hint"}>${wrong.reason || say("reason_hint")}</p></div>
        ${this.#now()}
      </form>`;
  }

  foot() {
    if (!this.till.state.can.change_prices) {
      return html`<button type="button" class="btn btn-primary btn-till btn-wide" @click=${() => { this.close(); this.ask("person"); }}>${icon("user-circle")}${say("manager_takes_over")}</button>`;
    }
    const { order_off: off } = this.basket.data;
    return html`
      ${off ? html`<button type="button" class="btn btn-till" @click=${() => { this.basket.set({ order_off: null }); this.close(); }}>${say("order_off_remove")}</button>` : ""}
      <button type="submit" form="till-off" class="btn btn-primary btn-till push">${say("done")}</button>`;
  }
}
customElements.define("dk-till-order-off", OrderOff);
