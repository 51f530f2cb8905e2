// What was sold before: the latest sales, found by number or by the member; one opened shows its lines, prints its receipt
// once more, and begins a return. Offline those this till made itself stand here.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { counted, money, unitsOf } from "./amounts.js";
import { when } from "./dates.js";
import { say } from "./texts.js";

const SEARCH_AFTER = 250;

/** The receipt on the printer of the register; where there is none, as a page one can print from here. */
export function printed(sheet, { id = null, uuid = null }) {
  return sheet.doing(async () => {
    try {
      const { kind } = await sheet.till.print(id ?? uuid, "network");
      sheet.ask("notice", { text: say(kind === "local" ? "print_later" : "printed") });
    } catch (error) {
      if (error.code !== "receipt_printer_missing" || !id) throw error;
      window.open(`/receipts/${id}/?print=1`, "_blank", "noopener");
    }
  });
}

export class PastSheet extends Sheet {
  static properties = { text: { state: true }, sales: { state: true }, sale: { state: true } };

  constructor() {
    super();
    Object.assign(this, { text: "", sales: null, sale: null });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  title() {
    return this.sale ? (this.sale.number ?? say("past_unsent")) : say("past");
  }

  #typed(event) {
    this.text = event.target.value.trim();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#load(), SEARCH_AFTER);
  }

  async #load() {
    const { text } = this;
    clearTimeout(this.timer);
    try {
      const sales = await this.till.pastSales(text);
      if (text === this.text) this.sales = sales;
      this.problem = null;
    } catch (error) {
      this.problem = error;
      this.sales ??= [];
    }
  }

  open(sale) {
    return this.doing(async () => {
      this.sale = { ...sale, lines: await this.till.pastLines(sale) };
      await this.updateComplete;
      this.querySelector("footer button:not([disabled])")?.focus();
    });
  }

  async #back() {
    const { key } = this.sale;
    this.sale = null;
    this.problem = null;
    await this.updateComplete;
    this.querySelector(`[data-sale="${key}"]`)?.focus();
  }

  keys(event) {
    if (event.key === "Escape" && this.sale) {
      event.preventDefault();
      this.#back();
    } else if (event.key === "ArrowDown" && event.target.id === "till-past") {
      event.preventDefault();
      this.querySelector(".tl-people button")?.focus();
    } else if (event.key === "Enter" && !event.isComposing && event.target.id === "till-past") {
      event.preventDefault();
      this.#first();
    }
  }

  /** Enter, also that of a scanner: one hit opens. */
  async #first() {
    await this.#load();
    if (this.text && this.sales.length === 1) await this.open(this.sales[0]);
    else this.querySelector(".tl-people button")?.focus();
  }

  #row(sale) {
    const told = [when(sale.at), sale.customer, sale.register].filter(Boolean).join(" · ");
    return html`
      <li><button type="button" class="tl-choice" data-sale=${sale.key} ?disabled=${this.busy} @click=${() => this.open(sale)}>
        ${icon(sale.id ? "receipt" : "cloud-upload")}
        <span class="tl-choice-text"><strong class="num">${sale.number ?? say("past_unsent")}</strong><span class="tl-note">${told}</span></span>
        ${sale.isReturned ? html`<span class="dk-tag">${say("past_returned")}</span>` : ""}<span class="num">${money(sale.amount)}</span></button></li>`;
  }

  #list() {
    const { online } = this.till.state;
    return html`
      <div class="dk-field"><label for="till-past">${say("past_search")}</label>
        <input id="till-past" type="search" class="form-control form-control-big" autofocus autocomplete="off" spellcheck="false" enterkeyhint="search" placeholder=${say("past_search_hint")} .value=${this.text} @input=${(event) => this.#typed(event)}>
        ${online ? "" : html`<p class="dk-hint">${say("past_offline")}</p>`}</div>
      ${this.sales ? "" : html`<p class="t-2" role="status">${say("loading")}</p>`}
      ${this.sales && !this.sales.length && !this.problem ? html`<div class="dk-empty is-small">${icon("receipt", "icon-l")}<p>${this.text ? say("past_not_found", { text: this.text }) : say("past_none")}</p></div>` : ""}
      <p class="sr-only" role="status">${this.sales ? say("found_count", { count: this.sales.length }) : ""}</p>
      <ul class="tl-people" aria-label=${say("past")}>${(this.sales ?? []).map((sale) => this.#row(sale))}</ul>`;
  }

  body() {
    const { sale } = this;
    if (!sale) return this.#list();
    return html`
      <p class="t-2">${[when(sale.at), sale.customer, sale.register].filter(Boolean).join(" · ")}</p>
      ${sale.problem ? html`<p class="dk-alert is-wait">${icon("alert-triangle")}<span class="dk-alert-text">${sale.problem}</span></p>` : ""}
      <ul class="tl-effects">${sale.lines.map((line) => html`<li><span>${line.name}<small class="num">× ${counted(line.quantity, line.unit)}${unitsOf(line.returned) ? ` · ${say("past_came_back", { count: counted(line.returned, line.unit) })}` : ""}</small></span><span class="num">${money(line.amount)}</span></li>`)}</ul>
      <p class="tl-due"><span>${say("past_total")}</span><strong class="num">${money(sale.amount)}</strong></p>
      ${sale.id ? "" : html`<p class="dk-hint">${say("past_unsent_hint")}</p>`}`;
  }

  foot() {
    const { sale } = this;
    if (!sale) return "";
    const needsLine = !this.till.state.online || !sale.id;
    const canReturn = this.till.state.can?.refund !== false && sale.lines.some((line) => line.returnable);
    return html`
      <button type="button" class="btn btn-till" @click=${() => this.#back()}>${icon("arrow-left")}${say("back")}</button>
      ${canReturn ? html`<button type="button" class="btn btn-till" ?disabled=${this.busy || needsLine} @click=${() => { this.close(); this.ask("return", { id: sale.id }); }}>${icon("arrow-back-up")}${say("return")}</button>` : ""}
      <button type="button" class="btn btn-primary btn-till push" ?disabled=${this.busy || needsLine} @click=${() => printed(this, sale)}>${icon("printer")}${say("print_again")}</button>`;
  }
}
customElements.define("dk-till-past", PastSheet);
