// Left of the till: the box that takes what is typed and scanned, the groups, and the goods of the chosen one. Cards are
// drawn in pages while one scrolls, so that a group of ten thousand is as light as one of ten.
import { html, noChange, nothing } from "./lit.js";
import { Part, icon, walks } from "./part.js";
import { money } from "./amounts.js";
import { priceFor } from "./desk.js";
import { say } from "./texts.js";

const PAGE = 60;
const FAVOURITES = "favourites";
/** Goods are looked for when the typing rests so long (ms): a scanner types on, and its Enter asks for the code itself. */
const REST = 60;
/** "3*" before a code or a name: so many at once. */
const TIMES = /^(\d{1,4}(?:\.\d{1,4})?)\s*[*×xX]\s*/;

export class Goods extends Part {
  static properties = {
    text: { state: true }, group: { state: true }, goods: { state: true }, groups: { state: true }, more: { state: true }, wrong: { state: true }, sought: { state: true },
  };

  constructor() {
    super();
    // `sought`: what the goods that are shown were found by; empty where they are those of the group.
    Object.assign(this, { text: "", group: FAVOURITES, goods: [], groups: [], more: false, wrong: "", sought: "" });
  }

  async connectedCallback() {
    super.connectedCallback();
    this.till.addEventListener("change", this.refresh);
    this.filled = this.till.state.catalogue?.at;
    await this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.resting);
    this.till.removeEventListener("change", this.refresh);
  }

  refresh = () => {
    if (this.filled === this.till.state.catalogue?.at) return;
    this.filled = this.till.state.catalogue?.at;
    this.#load();
  };

  async #load() {
    this.groups = this.till.groups();
    await this.#show();
    if (this.group === FAVOURITES && !this.goods.length && !this.text && this.groups.length) await this.choose(this.groups[0].id);
  }

  get box() {
    return this.querySelector("#till-search");
  }

  get words() {
    return this.text.replace(TIMES, "").trim();
  }

  get times() {
    return TIMES.exec(this.text)?.[1] ?? "1";
  }

  async #show() {
    clearTimeout(this.resting);
    const asked = (this.asked = Symbol("asked"));
    const { words } = this;
    let found;
    if (words) found = await this.till.find(words, { limit: PAGE });
    else if (this.group === FAVOURITES) found = await this.till.favourites();
    else found = await this.till.goodsOf(this.group, { offset: 0, limit: PAGE });
    if (asked !== this.asked || (words && words !== this.words)) return; // typed on meanwhile
    this.goods = found ?? [];
    this.sought = words;
    this.more = !words && this.group !== FAVOURITES && this.goods.length === PAGE;
  }

  async choose(group) {
    this.group = group;
    this.text = "";
    this.querySelector(".tl-grid")?.scrollTo(0, 0);
    await this.#show();
  }

  async #further(event) {
    const grid = event.currentTarget;
    if (!this.more || this.loading || grid.scrollTop + grid.clientHeight * 2 < grid.scrollHeight) return;
    this.loading = true;
    const next = await this.till.goodsOf(this.group, { offset: this.goods.length, limit: PAGE });
    this.goods = [...this.goods, ...next];
    this.more = next.length === PAGE;
    this.loading = false;
  }

  #typed(event) {
    this.text = event.target.value;
    this.wrong = "";
    this.till.expect(this.words);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#show(), REST);
  }

  /** Enter: a code first, else the first that was found. An empty box pays. */
  async enter() {
    const { words, times } = this;
    if (!words) {
      if (!this.basket.isEmpty) this.ask("pay");
      return;
    }
    // The scanner's next code must find an empty box, however long this one takes.
    this.text = "";
    clearTimeout(this.resting);
    const found = await this.till.scan(words).catch((error) => ({ kind: "none", text: error.message }));
    if (found.kind === "none") {
      const [first] = await this.till.find(words, { limit: 1 });
      if (first) this.ask("take", { good: first, quantity: times });
      else {
        this.wrong = say("nothing_found", { text: words });
        this.ask("sound", { good: false });
      }
    } else this.ask("scanned", { found, quantity: times });
    // A code that was scanned changed nothing of what is shown.
    if (this.sought && !this.words) await this.#show();
  }

  clear() {
    this.text = "";
    this.wrong = "";
    this.#show();
  }

  #keys(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Escape" && (this.text || this.wrong)) {
      event.preventDefault();
      event.stopPropagation();
      this.clear();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      this.querySelector(".tl-good")?.focus();
    }
  }

  /** Arrows walk over the cards as they lie. */
  #walk(event) {
    const cards = [...this.querySelectorAll(".tl-good")];
    const at = cards.indexOf(document.activeElement);
    if (at < 0) return;
    const columns = cards.filter((card) => card.offsetTop === cards[0].offsetTop).length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step) return;
    event.preventDefault();
    if (at + step < 0) this.box.focus();
    else cards[Math.min(at + step, cards.length - 1)].focus();
  }

  take(good) {
    this.ask("take", { good, quantity: this.times });
    if (this.text) this.clear();
  }

  #card(good) {
    const amount = priceFor(good, this.basket.member);
    return html`
      <li>
        <button type="button" class="tl-good" @click=${() => this.take(good)}>
          <span class="tl-photo tint-${(good.product_id ?? good.id ?? 0) % 5 + 1}" aria-hidden="true">${good.photo ? html`<img src=${good.photo} alt="" loading="lazy" decoding="async">` : [...good.name][0]}</span>
          <span class="tl-good-name">${good.name}</span>
          <span class="tl-good-foot"><span class="num tl-price">${amount == null ? say("price_of_day") : money(amount)}${good.is_measured ? html`<small>/${good.unit}</small>` : ""}</span>
          ${good.kind === "SERVICE" ? html`<span class="tl-kind">${say("service")}</span>` : ""}</span>
        </button>
      </li>`;
  }

  #empty() {
    if (this.sought) return html`<p>${say("nothing_found", { text: this.sought })}</p>`;
    if (this.till.state.catalogue?.loading) return html`<p>${say("goods_loading")}</p>`;
    return html`<p>${say(this.group === FAVOURITES && this.groups.length ? "no_favourites" : "no_goods")}</p>`;
  }

  /** The cards are drawn again only where something of them changed: sixty of them cost more than the line of a scan. */
  #cards() {
    const of = [this.goods, this.basket.member, this.group, this.groups, this.sought, Boolean(this.till.state.catalogue?.loading)];
    if (of.every((each, at) => each === this.drawn?.[at])) return noChange;
    this.drawn = of;
    return this.goods.length
      ? html`<ul aria-label=${say("goods")} @keydown=${this.#walk}>${this.goods.map((good) => this.#card(good))}</ul>`
      : html`<div class="dk-empty">${icon("package", "icon-l")}${this.#empty()}</div>`;
  }

  render() {
    const chosen = this.groups.find((group) => group.id === this.group);
    const top = chosen?.path?.[0] ?? this.group;
    const tops = this.groups.filter((group) => group.parent_id == null);
    const below = this.sought ? [] : this.groups.filter((group) => group.parent_id === top);
    const tab = (id, name, isOpen = false) => html`<button type="button" class="tl-group" aria-pressed=${String(!this.sought && (this.group === id || isOpen))} @click=${() => this.choose(id)}>${name}</button>`;
    return html`
      <search class="tl-find">
        <label class="sr-only" for="till-search">${say("search")}</label>
        ${icon("barcode")}
        <input id="till-search" class="form-control form-control-big" type="search" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go"
          placeholder=${say("search_hint")} .value=${this.text} @input=${this.#typed} @keydown=${this.#keys}
          aria-describedby="till-search-told">
        ${this.text ? html`<button type="button" class="btn btn-ghost btn-icon" aria-label=${say("clear_search")} @click=${() => { this.clear(); this.box.focus(); }}>${icon("x")}</button>` : nothing}
      </search>
      <p id="till-search-told" class="tl-wrong" role="status">${this.wrong}</p>
      <div class="tl-groups" role="group" aria-label=${say("groups")} @keydown=${walks}>
        ${tab(FAVOURITES, html`${icon("star", "icon-s")} ${say("favourites")}`)}
        ${tops.map((group) => tab(group.id, group.name, group.id === top))}
      </div>
      ${below.length ? html`<div class="tl-groups is-below" role="group" aria-label=${say("groups_below")} @keydown=${walks}>${tab(top, say("all_of_it"))}${below.map((group) => tab(group.id, group.name))}</div>` : nothing}
      <div class="tl-grid" tabindex="-1" @scroll=${this.#further}>
        <h2 class="sr-only">${say("goods")}</h2>
        ${this.#cards()}
      </div>`;
  }
}
customElements.define("dk-till-goods", Goods);
