// Goods come back: the receipt is found, the lines get steppers, and everything that will happen stands beside them,
// live, before it is confirmed. "Other goods instead" takes the return into the cart as an exchange.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { counted, money, newUuid, quantityOf, stepped, unitsOf } from "./amounts.js";
import { when } from "./dates.js";
import { say } from "./texts.js";

const REASONS = ["does_not_fit", "faulty", "changed_mind", "wrong_goods"];

export class Returning extends Sheet {
  static properties = {
    number: { attribute: false }, id: { attribute: false }, orders: { state: true }, order: { state: true }, counts: { state: true }, preview: { state: true }, reason: { state: true }, restocked: { state: true }, isOff: { state: true }, wrong: { state: true },
  };

  size = "is-wide";

  constructor() {
    super();
    Object.assign(this, { number: "", id: null, orders: null, counts: {}, reason: "", restocked: true, wrong: "", uuid: newUuid() });
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.id) this.doing(() => this.open(this.id));
    else if (this.basket?.member) this.number = "";
  }

  title() {
    return this.order ? say("return_of", { number: this.order.number }) : say("return");
  }

  find(event) {
    event?.preventDefault();
    const number = this.querySelector("#till-return-number").value.trim();
    if (!number) return undefined;
    return this.doing(async () => {
      this.orders = await this.till.findOrders(number);
      if (!this.orders.length) throw new Error(say("order_not_found", { number }));
      if (this.orders.length === 1) await this.open(this.orders[0].id);
    });
  }

  async open(id) {
    this.order = await this.till.order(id);
    this.counts = Object.fromEntries(this.order.lines.map((line) => [line.id, "0"]));
    await this.updateComplete;
    this.querySelector(".tl-stepper button:last-of-type")?.focus();
  }

  get items() {
    return Object.entries(this.counts).filter(([, quantity]) => unitsOf(quantity)).map(([id, quantity]) => ({ line_id: Number(id), quantity, is_restocked: this.restocked }));
  }

  #set(line, quantity) {
    const most = unitsOf(String(line.returnable));
    this.counts = { ...this.counts, [line.id]: quantityOf(Math.min(unitsOf(quantity) ?? 0, most)) };
    this.wrong = "";
    clearTimeout(this.timer);
    this.preview = null;
    if (this.items.length) this.timer = setTimeout(() => this.look(), 150);
  }

  async look() {
    const { items } = this;
    this.problem = null;
    try {
      const preview = await this.till.previewReturn(this.order.id, items);
      if (JSON.stringify(items) === JSON.stringify(this.items)) this.preview = preview;
    } catch (error) {
      this.problem = error;
    }
  }

  #ready() {
    if (!this.items.length) this.wrong = say("nothing_chosen");
    else if (!this.reason.trim()) {
      this.wrong = say("reason_missing");
      this.querySelector("#till-return-reason")?.focus();
    } else return Boolean(this.preview);
    return false;
  }

  confirm() {
    if (!this.#ready()) return;
    const { order, items, reason, preview, uuid } = this;
    this.ask("sure", {
      title: say("return_sure"), text: say("return_sure_text", { amount: money(preview.refund_amount), number: order.number }), yes: say("return_do", { amount: money(preview.refund_amount) }),
      act: () => this.doing(async () => {
        const back = await this.till.returnGoods({ order, items, reason, uuid, expected_refund: preview.refund_amount });
        this.close({ sold: back, isReturn: true, change: 0, total: preview.refund_amount });
      }),
    });
  }

  exchange() {
    if (!this.#ready()) return;
    const { order, items, reason, preview, uuid } = this;
    this.ask("exchange", { exchange: { order, items, reason, preview, uuid } });
    this.close();
  }

  #line(line) {
    const most = unitsOf(String(line.returnable));
    const name = line.name;
    const quantity = this.counts[line.id];
    return html`
      <li class="tl-back ${most ? "" : "is-gone"}">
        <span class="tl-choice-text"><strong>${name}</strong><span class="tl-note num">${money(line.paid_amount)} · × ${counted(line.quantity, line.unit)}${most ? "" : ` · ${say(line.isPrepaid ? "prepaid_not_here" : "all_returned")}`}</span></span>
        ${most ? html`<div class="tl-stepper" role="group" aria-label=${say("quantity_of", { name })}>
          <button type="button" class="tl-step" aria-label=${say("one_less", { name })} ?disabled=${!unitsOf(quantity)} @click=${() => this.#set(line, stepped(quantity, -1))}>${icon("minus")}</button>
          <span class="num tl-quantity" aria-live="polite">${quantity}${line.unit ? html`<small>${line.unit}</small>` : ""}</span>
          <button type="button" class="tl-step" aria-label=${say("one_more", { name })} ?disabled=${unitsOf(quantity) >= most} @click=${() => this.#set(line, most < 10000 ? quantityOf(most) : stepped(quantity, 1))}>${icon("plus")}</button></div>` : ""}
      </li>`;
  }

  #effects() {
    const { preview } = this;
    if (!this.items.length) return html`<p class="t-2">${say("return_choose")}</p>`;
    if (!preview) return this.problem ? "" : html`<p class="t-2" role="status">${say("working_out")}</p>`;
    const told = preview.effects_told ?? effectsOf(preview, this.till);
    return html`
      <p class="tl-due"><span>${say("refund")}</span><strong class="num">${money(preview.refund_amount)}</strong></p>
      <ul class="tl-effects">${told.map((effect) => html`<li><span>${effect.label}${effect.text ? html`<small>${effect.text}</small>` : ""}</span>${effect.amount == null ? "" : html`<span class="num">${money(effect.amount)}</span>`}</li>`)}</ul>`;
  }

  body() {
    if (!this.order) {
      return html`
        <form id="till-return-find" class="dk-form" @submit=${(event) => this.find(event)}>
          <div class="dk-field"><label for="till-return-number">${say("receipt_number")}</label>
            <input id="till-return-number" class="form-control form-control-big" autofocus autocomplete="off" spellcheck="false" .value=${this.number} aria-describedby="till-return-hint">
            <p id="till-return-hint" class="dk-hint">${say("receipt_number_hint")}</p></div>
        </form>
        ${this.orders?.length > 1 ? html`<ul class="tl-people" aria-label=${say("orders_found")}>${this.orders.map((order) => html`
          <li><button type="button" class="tl-choice" ?disabled=${this.busy} @click=${() => this.doing(() => this.open(order.id))}>${icon("receipt")}<span class="tl-choice-text"><strong class="num">${order.number}</strong><span class="tl-note">${[when(order.occurred_at), order.customer_name ?? order.customer?.name].filter(Boolean).join(" · ")}</span></span><span class="num">${money(order.total_amount)}</span></button></li>`)}</ul>` : ""}`;
    }
    return html`
      <div class="tl-return-grid">
        <div>
          <p class="t-2">${[when(this.order.occurred_at), this.order.customer?.name, money(this.order.total_amount)].filter(Boolean).join(" · ")}</p>
          <ul class="tl-backs" aria-label=${say("goods")}>${this.order.lines.map((line) => this.#line(line))}</ul>
          <button type="button" class="btn btn-s tl-quiet" @click=${() => this.#all()}>${say("return_all")}</button>
          <fieldset class="dk-field"><legend class="dk-label">${say("reason")}</legend>
            <div class="tl-toggle-row">${REASONS.map((code) => html`<button type="button" class="tl-toggle" aria-pressed=${String(this.reason === say(code))} @click=${() => { this.reason = say(code); this.wrong = ""; }}>${say(code)}</button>`)}</div>
            <label class="sr-only" for="till-return-reason">${say("reason")}</label>
            <input id="till-return-reason" class="form-control" maxlength="200" autocomplete="off" placeholder=${say("reason_other")} .value=${this.reason} @input=${(event) => { this.reason = event.target.value; this.wrong = ""; }}></fieldset>
          <label class="form-check tl-check"><input type="checkbox" class="form-check-input" .checked=${this.restocked} @change=${(event) => { this.restocked = event.target.checked; if (this.items.length) this.look(); }}><span class="form-check-label">${say("restocked")}</span></label>
        </div>
        <section class="tl-effects-box" aria-live="polite" aria-label=${say("what_happens")}><h3>${say("what_happens")}</h3>${this.#effects()}</section>
      </div>
      <p class="dk-error" role="alert" ?hidden=${!this.wrong}>${this.wrong}</p>`;
  }

  #all() {
    for (const line of this.order.lines) this.#set(line, String(line.returnable));
  }

  foot() {
    if (!this.order) return html`<button type="submit" form="till-return-find" class="btn btn-primary btn-till" ?disabled=${this.busy}>${icon("search")}${say("find")}</button>`;
    return html`
      <button type="button" class="btn btn-till" ?disabled=${this.busy || !this.preview} @click=${() => this.exchange()}>${icon("arrows-exchange")}${say("exchange")}</button>
      <button type="button" class="btn btn-primary btn-till push" ?disabled=${this.busy || !this.preview} @click=${() => this.confirm()}>${say("return_do", { amount: money(this.preview?.refund_amount ?? 0) })}</button>`;
  }
}
customElements.define("dk-till-returning", Returning);

/** What the preview says will happen, as lines {label, text, amount}: money per tender, wallet, points, coupons, level. */
export function effectsOf(preview, till) {
  const { effects } = preview;
  const named = (code) => till.state.tenders.find((tender) => tender.code === code)?.name ?? code;
  const lines = (effects.money ?? []).map((part) => ({
    label: say("refund_by", { tender: named(part.tender) }), amount: part.amount, text: part.paid_by && part.paid_by !== part.tender ? say("paid_by", { tender: named(part.paid_by) }) : "",
  }));
  for (const part of effects.wallet ?? []) lines.push({ label: say("wallet_back"), amount: part.principal_amount + part.bonus_amount + (part.promotional_amount ?? 0), text: part.bonus_amount ? say("of_it_bonus", { amount: money(part.bonus_amount) }) : "" });
  if (preview.withheld_amount) lines.push({ label: say("withheld"), amount: -preview.withheld_amount, text: say("withheld_why") });
  if (preview.deducted_amount) lines.push({ label: say("deducted"), amount: -preview.deducted_amount, text: say("deducted_why") });
  if (preview.settled_amount) lines.push({ label: say("settled"), amount: preview.settled_amount });
  if (effects.points_taken_back) lines.push({ label: say("points_taken_back", { points: effects.points_taken_back }) });
  if (effects.points_given_back) lines.push({ label: say("points_given_back", { points: effects.points_given_back }) });
  if (effects.level_after && effects.level_after !== effects.level_before) lines.push({ label: say("level_changes", { before: effects.level_before, after: effects.level_after }) });
  for (const coupon of effects.coupons ?? []) lines.push({ label: say("coupon_back", { name: coupon.name }), text: coupon.is_expired ? say("coupon_is_over") : "" });
  for (const part of effects.sessions ?? []) lines.push({ label: say("sessions_back", { count: part.count }) });
  for (const good of effects.goods ?? []) if (good.restocked?.length) lines.push({ label: say("restocks", { name: good.name, count: counted(good.quantity, good.unit) }) });
  return lines;
}
