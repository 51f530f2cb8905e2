// The whole till: places the parts, opens sheets, hears every key, and keeps the focus in the search box so that a
// scanner that types always finds it. Parts ask for things by the event "till-ask"; what each does stands in `ACTS`.
import { html, nothing } from "./lit.js";
import { Part, icon } from "./part.js";
import { quantityOf, unitsOf } from "./amounts.js";
import { Basket } from "./basket.js";
import { sheetOf } from "./sheets.js";
import { say } from "./texts.js";
import "./cart.js";
import "./goods.js";
import "./member.js";

const NOTICE_LASTS = 4000;
const UNDO_LASTS = 9000;
const KEEP_AFTER = 250;
/** More lines than these are not thrown away without a question. */
const FEW = 2;
const FUNCTION_KEYS = { F2: "member", F3: "hold", F4: "held", F6: "return", F10: "past", F7: "line", F8: "shift", F9: "pay" };

const ACTS = {
  take(app, { good, quantity }) {
    app.take(good, { quantity });
  },
  scanned(app, { found, quantity }) {
    app.scanned(found, quantity);
  },
  session(app, { card, item }) {
    app.session(card, item);
  },
  remember(app, { id }) {
    app.remember(id);
  },
  "leave-member"(app) {
    app.basket.setMember(null);
  },
  exchange(app, { exchange }) {
    app.exchange = exchange;
    if (exchange?.order.customer_id && !app.basket.member) app.remember(exchange.order.customer_id);
  },
  notice(app, detail) {
    app.notify(detail.text, detail.undo);
  },
  sure(app, question) {
    app.question = question;
  },
  "held-now"(app, { name }) {
    app.basket.clear();
    app.exchange = null;
    app.notify(say("held_now", { name }));
  },
  clear(app) {
    if (app.basket.isEmpty) return;
    const act = () => {
      const undo = app.basket.clear();
      app.exchange = null;
      app.notify(say("cleared"), undo);
    };
    if (app.basket.lines.length <= FEW) act();
    else app.question = { title: say("clear_cart"), text: say("clear_sure", { count: app.basket.lines.length }), yes: say("clear_do"), act };
  },
  hold(app) {
    if (!app.basket.isEmpty) app.show("hold");
  },
  pay(app, { tender = null } = {}) {
    app.pay(tender);
  },
  channel(app, { tender, priced }) {
    app.show("channel", { tender, priced });
  },
  line(app, { key = app.basket.selected } = {}) {
    if (key) app.show("line", { key });
  },
  sound() {},
};

export class TillScreen extends Part {
  static properties = {
    sheet: { state: true }, question: { state: true }, notice: { state: true }, exchange: { state: true }, isCartOpen: { state: true }, people: { state: true }, heldCount: { state: true },
  };

  constructor() {
    super();
    Object.assign(this, { sheet: null, question: null, notice: null, exchange: null, isCartOpen: false, people: [], heldCount: 0 });
    this.basket = new Basket();
  }

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("till-ask", (event) => this.#asked(event.detail));
    document.addEventListener("keydown", this.#key, true);
    this.till.addEventListener("change", () => this.#count());
    this.#count();
    this.people = this.till.people() ?? [];
    this.#reopen();
  }

  /** What was in the cart when the page went away. */
  async #reopen() {
    const kept = await this.till.opened();
    if (kept) this.basket.load(kept);
    this.basket.addEventListener("change", () => this.#keep());
    if (kept) this.#keep();
  }

  async #count() {
    const held = await this.till.held();
    this.heldCount = held?.length ?? 0;
  }

  /** A sale that was being made survives a reload and a power cut. */
  #keep() {
    const { customer_id: id } = this.basket.data;
    if (id && !this.basket.member) this.remember(id);
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.till.keepOpen(this.basket.isEmpty && !id ? null : this.basket.kept()), KEEP_AFTER);
  }

  #asked({ what, ...detail }) {
    if (ACTS[what]) ACTS[what](this, detail);
    else this.show(what, detail);
  }

  /** Opens a sheet over the till; `null` closes it. */
  show(name, detail = {}) {
    this.sheet = name ? { name, ...detail } : null;
  }

  notify(text, undo = null) {
    clearTimeout(this.timer);
    this.notice = { text, undo };
    this.timer = setTimeout(() => { this.notice = null; }, undo ? UNDO_LASTS : NOTICE_LASTS);
  }

  /** Into the cart. What is weighed asks how much; what is one of a kind is scanned itself. */
  take(good, { quantity = "1", piece = null, isMeasured = false } = {}) {
    if (good.needs_piece && !piece) {
      this.notify(say("scan_the_piece", { name: good.name }));
      return;
    }
    const line = this.basket.add(good, { quantity, piece });
    if (good.is_measured && !isMeasured && quantity === "1") this.show("line", { key: line.key });
  }

  async session(card, item) {
    const line = this.basket.lines.find((each) => each.session_card_id === card.id && each.variant_id === item.variant_id);
    if (line) {
      if (Number(line.quantity) < item.left) this.basket.step(line.key, 1);
      else this.notify(say("no_more_sessions", { name: item.name }));
      return;
    }
    const good = (await this.till.good(item.variant_id)) ?? { id: item.variant_id, name: item.name, amount: 0, kind: "SERVICE" };
    const added = this.basket.add(good, { more: { session_card_id: card.id } });
    Object.assign(this.basket.shown[added.key], { card: card.name, needsConfirmation: card.needs_confirmation });
    this.basket.tell();
    // Whose hands did it is part of a session: asked at once where there is a choice.
    if (this.people.length || card.needs_confirmation) this.show("line", { key: added.key });
  }

  async scanned(found, quantity) {
    if (found.kind === "good") this.take(found.good, { quantity: times(quantity, found.quantity ?? "1"), isMeasured: Boolean(found.amount) || found.quantity !== "1" });
    else if (found.kind === "piece") {
      if (this.basket.lines.some((line) => line.piece_id === found.piece.id)) this.notify(say("piece_there", { name: found.good.name }));
      else this.take(found.good, { piece: found.piece });
    } else if (found.kind === "coupon") {
      if (found.coupon.usable !== false && !this.basket.data.coupon_ids.includes(found.coupon.id)) this.basket.toggleCoupon(found.coupon.id);
      this.notify(found.coupon.usable === false ? (found.coupon.why_not ?? "") : say("coupon_taken", { name: found.coupon.terms.name }));
    } else if (found.kind === "member") await this.remember(found.member.id);
    else if (found.kind === "receipt") this.show("return", { id: found.order?.id ?? found.id });
  }

  async remember(id) {
    if (this.remembering === id) return;
    this.remembering = id;
    try {
      const detail = await this.till.memberDetail(id);
      if (detail) this.basket.setMember(detail);
      else this.notify(say("member_not_here"));
    } catch (error) {
      this.notify(error.message);
    } finally {
      this.remembering = null;
    }
  }

  get priced() {
    if (this.basket.isEmpty) return EMPTY;
    try {
      this.wrong = "";
      return this.till.price(this.basket.plain());
    } catch (error) {
      this.wrong = say(error.code ?? "failed", { name: error.name ?? "" });
      this.#learn(error);
      return null;
    }
  }

  /** A good that left the machine's memory is read again, once. */
  async #learn({ code, key }) {
    if (code !== "unknown_goods" || this.learned === key) return;
    this.learned = key;
    await this.till.know(this.basket.plain());
    this.requestUpdate();
  }

  pay(tender) {
    if (this.basket.isEmpty && !this.exchange) return;
    const { unsent, shift } = this.till.state;
    if (unsent?.blocked) {
      this.notify(say("offline_blocked"));
      return;
    }
    if (!shift && this.till.state.online) {
      this.notify(say("shift_first"));
      this.show("shift");
      return;
    }
    const priced = this.priced;
    if (priced) this.show("pay", { priced, tender });
  }

  #paid(result) {
    this.till.proposals.forget();
    this.basket.clear();
    this.exchange = null;
    this.isCartOpen = false;
    this.show("done", { result });
  }

  #closed(event) {
    event.stopPropagation();
    const result = event.detail;
    const was = this.sheet?.name;
    this.show(null);
    if (result?.sold && was !== "done") this.#paid(result);
    this.focusBox();
  }

  focusBox() {
    // On a phone the keyboard would cover the goods; there the box is tapped.
    if (matchMedia("(pointer: coarse)").matches) return;
    this.updateComplete.then(() => {
      if (!document.querySelector("dialog:modal")) this.querySelector("#till-search")?.focus({ preventScroll: true });
    });
  }

  firstUpdated() {
    this.focusBox();
    if (this.till.state.online && !this.till.state.shift) this.show("shift");
  }

  #key = (event) => {
    if (event.isComposing || document.querySelector("dialog:modal")) return;
    const act = FUNCTION_KEYS[event.key];
    if (act && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.#asked({ what: act });
      return;
    }
    const box = this.querySelector("#till-search");
    const isEmpty = !box?.value;
    const inField = event.target.matches?.("input, textarea, select");
    if (event.ctrlKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.#select(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { selected } = this.basket;
    if (event.key === "Escape" && this.isCartOpen) this.#closeCart();
    if (isEmpty && (!inField || event.target === box)) {
      if (event.key === "?") {
        event.preventDefault();
        this.show("keys");
        return;
      }
      if (selected && (event.key === "+" || event.key === "-")) {
        event.preventDefault();
        this.#step(event.key === "+" ? 1 : -1);
        return;
      }
      if (selected && event.key === "Delete") {
        event.preventDefault();
        this.notify(say("removed"), this.basket.remove(selected));
        return;
      }
    }
    // Typing anywhere goes into the box; a button that was pressed last would swallow what is scanned.
    if (!inField && event.key.length === 1 && !(event.key === " " && event.target.matches?.("button, a, summary"))) box?.focus();
    // Enter of a scanner whose code went into the box is the box's; see goods.js.
  };

  async #openCart() {
    this.isCartOpen = true;
    await this.updateComplete;
    this.querySelector(".tl-cart-close").focus();
  }

  async #closeCart() {
    this.isCartOpen = false;
    await this.updateComplete;
    this.querySelector(".tl-cart-open").focus();
  }

  #step(by) {
    const { selected } = this.basket;
    if (this.basket.shown[selected]?.piece) return;
    const undo = this.basket.step(selected, by);
    if (undo) this.notify(say("removed"), undo);
  }

  #select(by) {
    const { lines, selected } = this.basket;
    const at = lines.findIndex((line) => line.key === selected);
    this.basket.selected = lines[Math.min(Math.max(at + by, 0), lines.length - 1)]?.key ?? null;
    this.basket.tell();
  }

  #bar() {
    const { store, register, shift, person } = this.till.state;
    const button = (what, name, label, key = "", count = 0) => html`
      <button type="button" class="tl-tool" aria-keyshortcuts=${key || nothing} @click=${() => this.#asked({ what })}>${icon(name)}<span>${label}</span>${count ? html`<b class="tl-count num">${count}</b>` : ""}</button>`;
    return html`
      <header class="tl-bar">
        <a class="tl-home" href="/" aria-label=${say("leave")}>${icon("layout-grid")}</a>
        <p class="tl-where"><strong class="clip">${store?.name ?? ""}</strong><span class="tl-note clip">${[register?.name, shift ? say("shift_runs") : say("no_shift")].filter(Boolean).join(" · ")}</span></p>
        <nav class="tl-tools" aria-label=${say("tools")}>
          ${button("held", "player-pause", say("held"), "F4", this.heldCount)}
          ${button("return", "arrow-back-up", say("return"), "F6")}
          ${button("past", "history", say("past"), "F10")}
          ${button("shift", "cash-register", say("shift"), "F8")}
          ${button("person", "user-circle", person?.name ?? "")}
          ${button("menu", "menu-2", say("more"))}
        </nav>
      </header>`;
  }

  render() {
    const { till, basket, exchange } = this;
    const priced = this.priced;
    // On a phone the open cart lies over the goods.
    const isCovered = this.isCartOpen && matchMedia("(max-width: 47.99rem)").matches;
    return html`
      ${this.#bar()}
      <dk-till-banner .till=${till}></dk-till-banner>
      <main class="tl-main ${this.isCartOpen ? "is-cart-open" : ""}" id="main">
        <h1 class="sr-only">${say("till")}</h1>
        <section class="tl-left" ?inert=${isCovered} aria-label=${say("goods")}><dk-till-goods .till=${till} .basket=${basket}></dk-till-goods></section>
        <section class="tl-right" id="till-cart" aria-label=${say("cart")}>
          <button type="button" class="tl-cart-close" aria-label=${say("close_cart")} @click=${() => this.#closeCart()}>${icon("chevron-down")}</button>
          <dk-till-member .till=${till} .basket=${basket} .priced=${priced}></dk-till-member>
          ${this.wrong ? html`<p class="dk-alert is-bad tl-alert" role="alert">${icon("alert-circle")}<span class="dk-alert-text">${this.wrong}</span></p>` : ""}
          <dk-till-cart .till=${till} .basket=${basket} .priced=${priced} .exchange=${exchange} .people=${this.people} .heldCount=${this.heldCount}></dk-till-cart>
        </section>
        <button type="button" class="tl-cart-open" ?inert=${isCovered} aria-expanded=${String(this.isCartOpen)} aria-controls="till-cart" @click=${() => this.#openCart()}>
          ${icon("shopping-cart")}<span class="tl-count num">${basket.count}</span><span>${basket.member?.member.name ?? say("cart")}</span><strong class="num">${priced ? say("amount_yuan", { amount: (priced.paid_amount / 100).toFixed(2) }) : ""}</strong>
        </button>
      </main>
      <div class="tl-notice" role="status">${this.notice ? html`<div class="dk-toast"><span class="dk-toast-text">${this.notice.text}</span>${this.notice.undo ? html`<button type="button" @click=${() => { this.notice.undo(); this.notice = null; this.focusBox(); }}>${say("undo")}</button>` : ""}</div>` : ""}</div>
      <div @till-closed=${(event) => this.#closed(event)}>${sheetOf(this)}</div>
      <div @till-closed=${(event) => { event.stopPropagation(); this.question = null; this.focusBox(); }}>${this.question ? html`<dk-till-sure .question=${this.question}></dk-till-sure>` : nothing}</div>`;
  }
}

const EMPTY = { lines: [], list_amount: 0, paid_amount: 0, tax_amount: 0, given: [], passed_over: [], gifts: [], advice: [], points_used: 0, points_possible: 0 };

/** "3" times a pack of "6" is "18". */
function times(count, quantity) {
  return quantityOf(Math.round((unitsOf(count) * unitsOf(quantity)) / 10000));
}
customElements.define("dk-till", TillScreen);
