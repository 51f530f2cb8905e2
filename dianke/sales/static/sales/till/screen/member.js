// The strip of the member above the cart: who it is, what they may use here (one tap uses it) and what they are near to;
// and the sheet that finds or enters one.
import { html } from "./lit.js";
import { Part, Sheet, icon } from "./part.js";
import { money } from "./amounts.js";
import { say } from "./texts.js";

export class Member extends Part {
  static properties = { priced: { attribute: false } };

  #use(card, item) {
    this.ask("session", { card, item });
  }

  #chips({ standing, coupons = [], wallet, cards = [] }) {
    const { coupon_ids: chosen, points } = this.basket.data;
    const possible = this.priced?.points_possible ?? 0;
    const chip = (pressed, name, text, note, act, disabled = false) => html`
      <button type="button" class="tl-chip" aria-pressed=${pressed === null ? undefined : String(pressed)} ?disabled=${disabled} @click=${act}>
        ${icon(name)}<span class="tl-chip-text"><span class="clip">${text}</span><small class="clip">${note}</small></span>
      </button>`;
    const mayPoint = standing?.points > 0 && standing.worth_amount > 0;
    return html`
      ${this.till.state.can.top_up ? chip(null, "plus", say("prepaid"), say(this.till.state.online ? "prepaid_note" : "prepaid_needs_line"), () => this.ask("prepaid")) : ""}
      ${mayPoint ? chip(points > 0, "coins", points > 0 ? say("points_used", { points: this.priced?.points_used ?? 0 }) : say("points_have", { points: standing.points }),
        say("points_worth", { amount: money(standing.worth_amount) }), () => this.basket.set({ points: points ? 0 : standing.points }), !points && !possible && this.basket.isEmpty) : ""}
      ${coupons.filter((coupon) => coupon.usable || chosen.includes(coupon.id)).map((coupon) => chip(chosen.includes(coupon.id), "ticket", coupon.name, coupon.note ?? "", () => this.basket.toggleCoupon(coupon.id)))}
      ${cards.flatMap((card) => card.items.filter((item) => item.left > 0).map((item) => chip(null, "cards", item.name, say("sessions_left", { left: item.left, name: card.name }), () => this.#use(card, item))))}
      ${wallet?.spendable_amount > 0 ? chip(null, "wallet", money(wallet.spendable_amount), say("wallet_have"), () => this.ask("pay", { tender: "WALLET" }), this.basket.isEmpty) : ""}`;
  }

  render() {
    const detail = this.basket.member;
    if (!detail) {
      return html`<button type="button" class="tl-member-none" aria-keyshortcuts="F2" @click=${() => this.ask("member")}>${icon("user-plus")}<span>${say("member")}</span><small>${say("member_hint")}</small><kbd>F2</kbd></button>`;
    }
    const { member, standing } = detail;
    const near = standing?.next?.text ?? detail.advice?.[0];
    return html`
      <div class="tl-member">
        <span class="dk-avatar tint-${(member.id % 5) + 1}" aria-hidden="true">${[...member.name][0]}</span>
        <button type="button" class="tl-member-who" aria-keyshortcuts="F2" @click=${() => this.ask("member")}>
          <strong class="clip">${member.name}</strong><span class="sr-only">${say("change_member")}</span>
          <span class="tl-note clip">${[standing?.tier_name || member.tier, member.phone].filter(Boolean).join(" · ")}</span>
        </button>
        <button type="button" class="btn btn-ghost btn-icon tl-close" aria-label=${say("without_member")} @click=${() => this.ask("leave-member")}>${icon("x")}</button>
      </div>
      <div class="tl-chips" role="group" aria-label=${say("may_use", { name: member.name })}>${this.#chips(detail)}</div>
      ${near ? html`<p class="tl-near">${icon("trending-up", "icon-s")} ${near}</p>` : ""}`;
  }
}
customElements.define("dk-till-member", Member);

const PHONE = /^1\d{10}$/;

export class MemberSheet extends Sheet {
  static properties = { text: { state: true }, found: { state: true }, isSearching: { state: true } };

  constructor() {
    super();
    Object.assign(this, { text: "", found: [], isSearching: false });
  }

  title() {
    return say("member");
  }

  #typed(event) {
    this.text = event.target.value.trim();
    clearTimeout(this.timer);
    if (!this.text) {
      this.found = [];
      return;
    }
    this.timer = setTimeout(() => this.search(), 120);
  }

  async search() {
    const { text } = this;
    this.isSearching = true;
    try {
      const found = await this.till.members(text);
      if (text === this.text) this.found = found;
      this.problem = null;
    } catch (error) {
      this.problem = error;
    }
    this.isSearching = false;
    return this.found;
  }

  choose(member) {
    return this.doing(async () => {
      const detail = await this.till.memberDetail(member.id);
      if (!detail) throw new Error(say("member_not_here"));
      this.basket.setMember(detail);
      this.close({ member });
    });
  }

  async #enter(event) {
    if (event.key === "ArrowDown" && !event.target.closest(".tl-people")) {
      event.preventDefault();
      this.querySelector(".tl-people button")?.focus();
    }
    if (event.key !== "Enter" || event.isComposing || event.target.id !== "till-member") return;
    event.preventDefault();
    clearTimeout(this.timer);
    if (!this.text) return;
    const found = await this.search();
    if (found.length === 1) await this.choose(found[0]);
    else if (found.length) this.querySelector(".tl-people button")?.focus();
    else if (PHONE.test(this.text)) this.querySelector("#till-member-name")?.focus();
  }

  create(event) {
    event.preventDefault();
    const phone = this.querySelector("#till-member-phone").value.trim();
    const name = this.querySelector("#till-member-name").value.trim();
    return this.doing(async () => this.#made(await this.till.enter({ name, phone })));
  }

  async #made(member) {
    this.basket.setMember(await this.till.memberDetail(member.id));
    this.close({ member });
    this.ask("notice", { text: say("member_entered", { name: member.name }) });
  }

  keys(event) {
    this.#enter(event);
  }

  body() {
    const isNew = this.text && !this.found.length && !this.isSearching;
    return html`
      <label class="dk-label" for="till-member">${say("member_search")}</label>
      <input id="till-member" class="form-control form-control-big" autofocus autocomplete="off" inputmode="search" spellcheck="false" enterkeyhint="search"
        placeholder=${say("member_search_hint")} .value=${this.text} @input=${this.#typed}>
      <p class="sr-only" role="status">${this.text ? say("found_count", { count: this.found.length }) : ""}</p>
      ${this.till.state.online ? "" : html`<p class="dk-hint">${say("member_offline")}</p>`}
      <ul class="tl-people">${this.found.map((member) => html`
        <li><button type="button" class="tl-choice" ?disabled=${this.busy} @click=${() => this.choose(member)}>
          <span class="dk-avatar tint-${(member.id % 5) + 1}" aria-hidden="true">${[...member.name][0]}</span>
          <span class="tl-choice-text"><strong>${member.name}</strong><span class="tl-note">${[member.tier, member.phone, member.why?.text ?? ""].filter(Boolean).join(" · ")}</span></span>
        </button></li>`)}</ul>
      ${isNew ? html`
        <form class="dk-form tl-new" @submit=${(event) => this.create(event)}>
          <h3>${say("member_new")}</h3>
          <div class="dk-fields">
            <p class="dk-field"><label for="till-member-phone">${say("phone")}</label><input id="till-member-phone" class="form-control" inputmode="tel" autocomplete="off" .value=${/^\d+$/.test(this.text) ? this.text : ""}></p>
            <p class="dk-field"><label for="till-member-name">${say("name")}</label><input id="till-member-name" class="form-control" autocomplete="off" .value=${/^\d+$/.test(this.text) ? "" : this.text}></p>
          </div>
          <button type="submit" class="btn btn-primary btn-till" ?disabled=${this.busy}>${say("member_create")}</button>
        </form>` : ""}`;
  }
}
customElements.define("dk-till-member-sheet", MemberSheet);
