// What the member pays ahead: a top-up with what an offer gives, a session card, or a level. It becomes a line of the sale, so that
// it is paid, printed and counted in the drawer like everything else. Only with the server: offers are checked there.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { givenFor } from "../machine/rules.js";
import { amountOf, money, typed } from "./amounts.js";
import { say } from "./texts.js";

export class PrepaidSheet extends Sheet {
  static properties = { found: { state: true }, page: { state: true }, amount: { state: true }, offer: { state: true }, wrong: { state: true } };

  constructor() {
    super();
    Object.assign(this, { found: null, page: "top-up", amount: "", offer: null, wrong: "" });
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.till.state.online) this.#load();
  }

  async #load() {
    this.found = (await this.doing(() => this.till.prepaid(this.basket.data.customer_id))) ?? null;
    this.offer = this.found?.offers[0] ?? null;
    await this.updateComplete;
    this.querySelector("#till-top-up")?.focus();
  }

  title() {
    return say("prepaid_for", { name: this.basket.member?.member.name ?? "" });
  }

  get given() {
    const paid = amountOf(this.amount);
    return this.offer && paid ? givenFor(this.offer, paid) : 0;
  }

  #choose(offer, step) {
    this.offer = offer;
    this.amount = typed(step.paid_amount);
    this.wrong = "";
  }

  /** Into the sale; alone in it, it is paid at once. */
  #add(amount, name, more) {
    const isAlone = this.basket.isEmpty;
    const line = this.basket.add({ id: null, name, amount }, { more: { amount, name, ...more } });
    this.basket.shown[line.key].cashBelow = this.found.cash_below;
    this.close();
    if (isAlone) this.ask("pay");
  }

  topUp(event) {
    event?.preventDefault();
    const amount = amountOf(this.amount);
    if (!amount) {
      this.wrong = say("wrong_amount");
      this.querySelector("#till-top-up").focus();
      return;
    }
    const { offer } = this;
    this.#add(amount, [say("top_up"), offer?.name].filter(Boolean).join(" · "), { kind: "TOP_UP", ...(offer ? { data: { offer_id: offer.id } } : {}) });
  }

  #topUps() {
    const { offers } = this.found;
    const paid = amountOf(this.amount);
    const tile = (offer, step) => html`
      <button type="button" class="tl-offer" aria-pressed=${String(this.offer === offer && paid === step.paid_amount)} @click=${() => this.#choose(offer, step)}>
        <strong class="num">${money(step.paid_amount)}</strong><span>${step.given_amount ? say("top_up_gift", { amount: money(step.given_amount) }) : ""}</span><small class="tl-note">${offer.name}</small></button>`;
    return html`
      <form id="till-prepaid" class="dk-form" @submit=${(event) => this.topUp(event)}>
        ${offers.length ? html`<div class="tl-offers" role="group" aria-label=${say("top_up_offers")}>${offers.flatMap((offer) => offer.steps.map((step) => tile(offer, step)))}</div>` : html`<p class="t-2">${say("top_up_no_offer")}</p>`}
        <div class="dk-field"><label for="till-top-up">${say("top_up_amount")}</label>
          <div class="dk-affix"><span>¥</span><input id="till-top-up" class="form-control form-control-big num" inputmode="decimal" autocomplete="off" aria-invalid=${this.wrong ? "true" : "false"} aria-describedby="till-top-up-told" .value=${this.amount} @input=${(event) => { this.amount = event.target.value; this.wrong = ""; }}></div>
          <p id="till-top-up-told" class=${this.wrong ? "dk-error" : "dk-hint"} role="status">${this.wrong || (this.given ? say("top_up_gives", { amount: money(this.given), name: this.offer.name }) : paid ? say("top_up_gives_nothing") : "")}</p></div>
      </form>`;
  }

  #cards() {
    const { kinds } = this.found;
    if (!kinds.length) return html`<div class="dk-empty is-small">${icon("cards", "icon-l")}<p>${say("no_cards")}</p></div>`;
    const holds = ({ items, valid_days: days }) => [
      ...items.map(({ name, count, gifted }) => (gifted ? say("card_holds_gifted", { name, count, gifted }) : say("card_holds", { name, count }))),
      days ? say("card_valid", { days }) : "",
    ].filter(Boolean).join(" · ");
    return html`<ul class="tl-people" aria-label=${say("session_cards")}>${kinds.map((kind) => html`
      <li><button type="button" class="tl-choice" @click=${() => this.#add(kind.price_amount, kind.name, { kind: "CARD", data: { card_kind_id: kind.id } })}>${icon("cards")}
        <span class="tl-choice-text"><strong>${kind.name}</strong><span class="tl-note">${holds(kind)}</span></span><span class="num">${money(kind.price_amount)}</span></button></li>`)}</ul>`;
  }

  #levels() {
    return html`<ul class="tl-people" aria-label=${say("member_levels")}>${this.found.levels.map((level) => html`
      <li><button type="button" class="tl-choice" @click=${() => this.#add(level.price_amount, level.name, { kind: "LEVEL", data: { level_id: level.id } })}>${icon("vip")}
        <span class="tl-choice-text"><strong>${level.name}</strong><span class="tl-note">${say("level_for", { days: level.days })}</span></span><span class="num">${money(level.price_amount)}</span></button></li>`)}</ul>`;
  }

  body() {
    if (!this.till.state.online) return html`<div class="dk-empty is-small">${icon("wifi-off", "icon-l")}<p>${say("prepaid_offline")}</p></div>`;
    if (!this.found) return this.problem ? "" : html`<p class="t-2" role="status">${say("loading")}</p>`;
    const tab = (page, label) => html`<button type="button" class="tl-toggle" aria-pressed=${String(this.page === page)} @click=${() => { this.page = page; }}>${label}</button>`;
    return html`
      <div class="tl-toggle-row" role="group" aria-label=${say("prepaid")}>${tab("top-up", say("top_up"))}${tab("cards", say("session_cards"))}${this.found.levels.length ? tab("levels", say("member_levels")) : ""}</div>
      ${{ "top-up": () => this.#topUps(), cards: () => this.#cards(), levels: () => this.#levels() }[this.page]()}`;
  }

  foot() {
    if (!this.found || !this.till.state.online || this.page !== "top-up") return "";
    const label = this.basket.isEmpty ? say("pay") : say("into_the_sale");
    return html`<button type="submit" form="till-prepaid" class="btn btn-primary btn-till btn-wide" ?disabled=${this.busy}>${label} ${amountOf(this.amount) ? money(amountOf(this.amount)) : ""}</button>`;
  }
}
customElements.define("dk-till-prepaid", PrepaidSheet);
