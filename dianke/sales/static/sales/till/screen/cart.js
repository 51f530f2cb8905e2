// Right of the till: the lines with what each costs and why less, the gifts one may choose, what is near, and the total.
import { html } from "./lit.js";
import { Part, icon } from "./part.js";
import { money, plain, shareOf, unitsOf } from "./amounts.js";
import { isOfCustomer } from "./basket.js";
import { say } from "./texts.js";
import "./proposals.js";

export class Cart extends Part {
  static properties = { priced: { attribute: false }, exchange: { attribute: false }, people: { attribute: false }, heldCount: { attribute: false } };

  updated() {
    const selected = this.basket.selected;
    if (selected === this.seen) return;
    this.seen = selected;
    this.querySelector(`[data-key="${selected}"]`)?.scrollIntoView({ block: "nearest" });
  }

  step(key, by) {
    const undo = this.basket.step(key, by);
    if (undo) this.ask("notice", { text: say("removed"), undo });
  }

  #people(line) {
    const names = line.people?.map((person) => this.people?.find((one) => one.id === person.user_id)?.name).filter(Boolean) ?? [];
    return names.length ? html`<span class="tl-note">${icon("user", "icon-s")} ${names.join("、")}</span>` : "";
  }

  #line(line) {
    const { good, piece } = this.basket.shown[line.key] ?? { good: { name: line.name } };
    const priced = this.priced?.lines.find((each) => each.key === line.key);
    const { name } = good;
    const isOne = unitsOf(line.quantity) <= 10000;
    const isFixed = Boolean(piece) || isOfCustomer(line);
    const isOpen = line.key === this.basket.selected;
    return html`
      <li class="tl-line ${isOpen ? "is-selected" : ""}" data-key=${line.key} aria-current=${isOpen ? "true" : "false"}>
        <button type="button" class="tl-line-text" @click=${() => this.ask("line", { key: line.key })}>
          <span class="tl-line-name">${good.name}</span><span class="sr-only">${say("edit_line")}</span>
          <span class="tl-note num">${money(line.unit_amount ?? piece?.amount ?? good.amount ?? line.amount ?? 0)}${line.unit_amount !== undefined ? html` · ${say("price_by_hand")}` : ""}${piece ? html` · ${piece.label || piece.tag}` : ""}${line.reason ? html` · ${line.reason}` : ""}</span>
          ${this.#people(line)}
        </button>
        <div class="tl-stepper" role="group" aria-label=${say("quantity_of", { name })}>
          <button type="button" class="tl-step" aria-label=${isOne || isFixed ? say("remove_line", { name }) : say("one_less", { name })} @click=${() => (isFixed ? this.step(line.key, -1e6) : this.step(line.key, -1))}>${icon(isOne || isFixed ? "trash" : "minus")}</button>
          <span class="num tl-quantity" aria-live="polite">${line.quantity}${good.is_measured ? html`<small>${good.unit}</small>` : ""}</span>
          <button type="button" class="tl-step" aria-label=${say("one_more", { name })} ?disabled=${isFixed} @click=${() => this.step(line.key, 1)}>${icon("plus")}</button>
        </div>
        <span class="tl-line-amount num">${priced ? plain(priced.paid_amount) : "…"}${priced && priced.paid_amount !== priced.list_amount ? html`<s>${plain(priced.list_amount)}</s>` : ""}</span>
        ${priced?.adjustments.length
          ? html`<ul class="tl-why" aria-label=${say("discounts_of", { name })}>${priced.adjustments.map((one) => html`<li><span>${one.code === "session" ? say("by_session", { name: this.basket.shown[line.key]?.card ?? "" }) : this.till.tell("adjustments", one)}</span><span class="num">${plain(one.amount)}</span></li>`)}</ul>`
          : ""}
      </li>`;
  }

  #hints() {
    const { gifts = [], advice = [], passed_over: passed = [] } = this.priced ?? {};
    const chosen = new Set(this.basket.data.coupon_ids.map((id) => `coupon:${id}`));
    const idle = passed.filter((note) => chosen.has(note.source));
    const near = advice.filter((note) => note.code !== "choose_gift").slice(0, 2);
    const open = gifts.filter((gift) => gift.taken < gift.picks);
    if (!near.length && !open.length && !idle.length) return "";
    return html`
      <ul class="tl-hints">
        ${open.map((gift) => html`<li><button type="button" class="tl-hint is-gift" @click=${() => this.ask("gift", { gift })}>${icon("gift")}<span>${say("choose_gift", { count: gift.picks - gift.taken })}</span>${icon("chevron-right")}</button></li>`)}
        ${idle.map((note) => html`<li class="tl-hint is-idle">${icon("ticket-off")}<span>${this.till.tell("passed_over", note)}</span></li>`)}
        ${near.map((note) => html`<li class="tl-hint">${icon("bulb")}<span>${this.till.tell("advice", note)}</span></li>`)}
      </ul>`;
  }

  /** What is taken off the whole order by hand. */
  #orderOff() {
    const { order_off: off } = this.basket.data;
    if (!off) return "";
    const name = off.pays_bp ? say("order_off_at", { share: shareOf(off.pays_bp) }) : say("order_off");
    return html`
      <div class="tl-order-off"><button type="button" class="tl-order-off-text" @click=${() => this.ask("order-off")}><span class="clip">${name} · ${off.reason}</span><span class="num">${plain(-(this.priced?.order_off_amount ?? 0))}</span></button>
        <button type="button" class="tl-step" aria-label=${say("order_off_remove")} @click=${() => this.basket.set({ order_off: null })}>${icon("x")}</button></div>`;
  }

  #proposals() {
    return html`<dk-till-proposals .till=${this.till} .basket=${this.basket}></dk-till-proposals>`;
  }

  #nextRounding() {
    const ways = ["", ...this.till.state.roundings.map((way) => way.code ?? way).filter(Boolean)];
    const { rounding } = this.basket.data;
    this.basket.set({ rounding: ways[(ways.indexOf(rounding) + 1) % ways.length] });
  }

  render() {
    const { basket, priced, exchange } = this;
    const back = exchange?.preview.refund_amount ?? 0;
    const total = (priced?.paid_amount ?? 0) - back;
    const off = priced ? priced.list_amount - priced.paid_amount : 0;
    if (basket.isEmpty && !exchange) {
      return html`<h2 class="sr-only">${say("cart")}</h2>
        <div class="tl-lines dk-empty">${icon("shopping-cart", "icon-l")}<p>${say("cart_empty")}</p>
          ${this.heldCount ? html`<button type="button" class="btn btn-till" @click=${() => this.ask("held")}>${icon("player-pause")}${say("held_count", { count: this.heldCount })}</button>` : ""}</div>
        ${this.#proposals()}`;
    }
    return html`
      <h2 class="sr-only">${say("cart")}</h2>
      ${exchange ? html`<p class="tl-exchange dk-alert is-wait">${icon("arrows-exchange")}<span class="dk-alert-text">${say("exchange_for", { number: exchange.order.number, amount: money(back) })}</span><button type="button" class="btn btn-s" @click=${() => this.ask("exchange", { exchange: null })}>${say("cancel")}</button></p>` : ""}
      <ul class="tl-lines" aria-label=${say("cart")}>${basket.lines.map((line) => this.#line(line))}</ul>
      ${this.#hints()}
      ${this.#proposals()}
      ${this.#orderOff()}
      <div class="tl-sum">
        <div class="tl-sum-row">
          <p class="tl-sum-told"><span class="t-2">${say("pieces_count", { count: basket.count })}</span>${off > 0 ? html`<span class="tl-off num">${say("saved", { amount: money(off) })}</span>` : ""}</p>
          <button type="button" class="tl-quiet" ?disabled=${basket.isEmpty || !priced} @click=${() => this.ask("order-off")}>${say("order_off")}</button>
          <button type="button" class="tl-quiet" aria-pressed=${String(Boolean(basket.data.rounding))} @click=${() => this.#nextRounding()}>${say(`rounding_${(basket.data.rounding || "none").toLowerCase()}`)}</button>
          <button type="button" class="tl-quiet" @click=${() => this.ask("note")}>${icon("note", "icon-s")}${basket.data.note ? say("note_there") : say("note")}</button>
        </div>
        <div class="tl-pay-row">
          <button type="button" class="btn btn-till tl-hold" aria-label=${say("hold")} aria-keyshortcuts="F3" ?disabled=${basket.isEmpty} @click=${() => this.ask("hold")}>${icon("player-pause")}<span class="tl-hold-text">${say("hold")}</span></button>
          <button type="button" class="btn btn-primary tl-pay" aria-keyshortcuts="F9" ?disabled=${!priced} @click=${() => this.ask("pay")}>
            <span>${total < 0 ? say("give_back") : say("pay")}</span><strong class="num" aria-live="polite">${money(Math.abs(total))}</strong>
          </button>
        </div>
      </div>`;
  }
}
customElements.define("dk-till-cart", Cart);
