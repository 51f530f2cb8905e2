// One line opened: quantity, who sells or does it, price by hand and discount (with a reason, where allowed), its note;
// and the small sheets of gifts and of the note of the sale.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { amountOf, money, quantityOf, stepped, typed, unitsOf } from "./amounts.js";
import { isOfCustomer } from "./basket.js";
import { say } from "./texts.js";

const WHOLE_BP = 10000;

/** Equal shares of a line: 10000 among three is 3334, 3333, 3333. */
export function shared(ids) {
  const each = Math.floor(WHOLE_BP / ids.length);
  return ids.map((id, at) => ({ user_id: id, share_bp: each + (at < WHOLE_BP - each * ids.length ? 1 : 0) }));
}

export class LineSheet extends Sheet {
  static properties = { key: { attribute: false }, people: { attribute: false }, values: { state: true }, wrong: { state: true } };

  constructor() {
    super();
    this.wrong = {};
  }

  connectedCallback() {
    const line = this.basket.line(this.key);
    this.values = {
      quantity: line.quantity,
      price: line.unit_amount === undefined ? "" : typed(line.unit_amount),
      off: line.discount_amount === undefined ? "" : typed(line.discount_amount),
      reason: line.reason ?? "",
      people: (line.people ?? []).map((person) => person.user_id),
      confirmation: line.data?.confirmation ?? "",
      waiver: line.data?.waiver ?? "",
    };
    super.connectedCallback();
  }

  get good() {
    return this.basket.shown[this.key].good;
  }

  /** A session is taken off the customer's card with the code on their phone, or without it for a reason. */
  get asksCustomer() {
    return Boolean(this.basket.shown[this.key].needsConfirmation);
  }

  title() {
    return this.good.name;
  }

  #set(name, value) {
    this.values = { ...this.values, [name]: value };
    this.wrong = { ...this.wrong, [name]: undefined };
  }

  save(event) {
    event?.preventDefault();
    const { quantity, price, off, reason, people, confirmation, waiver } = this.values;
    const units = unitsOf(quantity);
    const wrong = {};
    if (!units || (!this.good.is_measured && units % WHOLE_BP)) wrong.quantity = say(this.good.is_measured ? "wrong_measure" : "wrong_quantity");
    if (price !== "" && amountOf(price) === null) wrong.price = say("wrong_amount");
    if (off !== "" && amountOf(off) === null) wrong.off = say("wrong_amount");
    if ((price !== "" || off !== "") && !reason.trim()) wrong.reason = say("reason_missing");
    if (this.asksCustomer && !confirmation.trim() && !waiver.trim()) wrong.confirmation = say("confirmation_missing");
    this.wrong = wrong;
    const [first] = Object.keys(wrong);
    if (first) {
      this.querySelector(`#till-line-${first}`)?.focus();
      return;
    }
    this.basket.change(this.key, {
      quantity: quantityOf(units),
      unit_amount: price === "" ? undefined : amountOf(price),
      discount_amount: off === "" || amountOf(off) === 0 ? undefined : amountOf(off),
      reason: reason.trim() || undefined,
      people: people.length ? shared(people) : [],
      ...(this.asksCustomer ? { data: waiver.trim() ? { waiver: waiver.trim() } : { confirmation: confirmation.trim() } } : {}),
    });
    this.close();
  }

  #field(name, label, { hint = "", mode = "decimal", prefix = "" } = {}) {
    const wrong = this.wrong[name];
    return html`
      <div class="dk-field">
        <label for="till-line-${name}">${label}</label>
        <div class="dk-affix">${prefix ? html`<span>${prefix}</span>` : ""}
          <input id="till-line-${name}" class="form-control form-control-big ${mode === "decimal" ? "num" : ""}" inputmode=${mode} autocomplete="off" ?autofocus=${name === "quantity"}
            aria-invalid=${wrong ? "true" : "false"} aria-describedby="till-line-${name}-told" .value=${this.values[name]} @input=${(event) => this.#set(name, event.target.value)}></div>
        <p id="till-line-${name}-told" class=${wrong ? "dk-error" : "dk-hint"}>${wrong || hint}</p>
      </div>`;
  }

  #toggle(id) {
    const { people } = this.values;
    this.#set("people", people.includes(id) ? people.filter((each) => each !== id) : [...people, id]);
  }

  body() {
    const { good } = this;
    const can = this.till.state.can ?? {};
    const isService = good.kind === "SERVICE";
    const piece = this.basket.shown[this.key].piece;
    const line = this.basket.line(this.key);
    const isAhead = line ? isOfCustomer(line) : false;
    return html`
      <form class="dk-form is-wide" id="till-line" @submit=${(event) => this.save(event)}>
        <p class="t-2">${say("list_price", { amount: money(this.basket.shown[this.key].piece?.amount ?? good.amount ?? 0) })}${good.unit ? ` / ${good.unit}` : ""}</p>
        ${piece || isAhead ? "" : html`<div class="tl-quantity-row">
          <button type="button" class="btn tl-step" aria-label=${say("less")} @click=${() => this.#set("quantity", stepped(this.values.quantity, -1))}>${icon("minus")}</button>
          ${this.#field("quantity", say("quantity"), { prefix: good.is_measured ? good.unit : "" })}
          <button type="button" class="btn tl-step" aria-label=${say("more_of_it")} @click=${() => this.#set("quantity", stepped(this.values.quantity, 1))}>${icon("plus")}</button>
        </div>`}
        ${this.people?.length ? html`
          <fieldset class="dk-field"><legend class="dk-label">${say(isService ? "who_does_it" : "who_sells_it")}</legend>
            <div class="tl-toggle-row">${this.people.map((person) => html`<button type="button" class="tl-toggle" aria-pressed=${String(this.values.people.includes(person.id))} @click=${() => this.#toggle(person.id)}>${person.name}</button>`)}</div>
            <p class="dk-hint">${say("shared_equally")}</p></fieldset>` : ""}
        ${this.asksCustomer ? html`<div class="dk-fields">
          ${this.#field("confirmation", say("confirmation"), { mode: "numeric", hint: say("confirmation_hint") })}
          ${this.#field("waiver", say("waiver"), { mode: "text", hint: say("waiver_hint") })}</div>` : ""}
        ${this.asksCustomer || isAhead || line?.session_card_id ? "" : can.change_prices ? html`
          <div class="dk-fields">
            ${this.#field("price", say("price_each"), { prefix: "¥", hint: say("price_each_hint") })}
            ${this.#field("off", say("line_off"), { prefix: "¥", hint: say("line_off_hint") })}
          </div>
          ${this.#field("reason", say("reason"), { mode: "text", hint: say("reason_hint") })}` : html`<p class="dk-hint">${say("may_not_change_prices")}</p>`}
      </form>`;
  }

  foot() {
    return html`
      <button type="button" class="btn btn-ghost-danger btn-till" @click=${() => { const undo = this.basket.remove(this.key); this.close(); this.ask("notice", { text: say("removed"), undo }); }}>${icon("trash")}${say("remove")}</button>
      <button type="submit" form="till-line" class="btn btn-primary btn-till push">${say("done")}</button>`;
  }
}
customElements.define("dk-till-line", LineSheet);

export class NoteSheet extends Sheet {
  title() {
    return say("note");
  }

  body() {
    return html`
      <form id="till-note-form" class="dk-form" @submit=${(event) => { event.preventDefault(); this.basket.set({ note: this.querySelector("textarea").value.trim() }); this.close(); }}>
        <div class="dk-field"><label for="till-note">${say("note_of_sale")}</label><textarea id="till-note" class="form-control" maxlength="400" autofocus .value=${this.basket.data.note}></textarea></div>
      </form>`;
  }

  foot() {
    return html`<button type="submit" form="till-note-form" class="btn btn-primary btn-till">${say("done")}</button>`;
  }
}
customElements.define("dk-till-note", NoteSheet);

export class GiftSheet extends Sheet {
  static properties = { gift: { attribute: false }, goods: { state: true } };

  async connectedCallback() {
    super.connectedCallback();
    const found = await Promise.all(this.gift.choices.map((choice) => this.till.good(choice.variant_id)));
    this.goods = this.gift.choices.map((choice, at) => ({ good: found[at], quantity: choice.quantity })).filter((each) => each.good);
  }

  title() {
    return say("gifts");
  }

  body() {
    if (!this.goods) return html`<p class="t-2" role="status">${say("loading")}</p>`;
    if (!this.goods.length) return html`<p class="t-2">${say("gifts_not_here")}</p>`;
    return html`<ul class="tl-people">${this.goods.map(({ good, quantity }) => html`
      <li><button type="button" class="tl-choice" @click=${() => this.#take(good, quantity)}>${icon("gift")}<span class="tl-choice-text"><strong>${good.name}</strong><span class="tl-note">× ${quantity}</span></span></button></li>`)}</ul>`;
  }

  #take(good, quantity) {
    this.basket.add(good, { quantity: String(quantity), more: { data: { gift_of: this.gift.source } } });
    this.close();
  }
}
customElements.define("dk-till-gift", GiftSheet);
