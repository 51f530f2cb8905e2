// The shift at this register: open it with a counted float, cash in and out, the figures so far, the blind count and
// the close. All of it asks the server; without a connection the sheet says so and selling goes on.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { amountOf, money, typed } from "./amounts.js";
import { when } from "./dates.js";
import { say } from "./texts.js";

const PIECES = [10000, 5000, 2000, 1000, 500, 100, 50, 10, 1];
/** Why a drawer is opened although nobody pays. */
const WHYS = ["why_change", "why_check"];
const KINDS = ["FROM_SAFE", "FROM_BANK", "OTHER_IN", "TO_SAFE", "TO_BANK", "EXPENSE"];

/** Notes and coins with how many of each; `counts` is {value: count}. */
function counting(counts, set) {
  const total = PIECES.reduce((sum, value) => sum + value * (counts[value] ?? 0), 0);
  return html`
    <div class="tl-pieces">${PIECES.map((value, at) => html`
      <div class="tl-piece"><label for="till-piece-${value}" class="num">${value >= 100 ? `¥${value / 100}` : value >= 10 ? say("jiao", { count: value / 10 }) : say("fen", { count: value })}</label>
        <button type="button" class="btn tl-step" aria-label=${say("one_less", { name: money(value) })} @click=${() => set(value, Math.max((counts[value] ?? 0) - 1, 0))}>${icon("minus")}</button>
        <input id="till-piece-${value}" class="form-control num" inputmode="numeric" autocomplete="off" ?autofocus=${!at} .value=${String(counts[value] ?? "")} @focus=${(event) => event.target.select()} @input=${(event) => set(value, Number(event.target.value.replace(/\D/g, "").slice(0, 5)))}>
        <button type="button" class="btn tl-step" aria-label=${say("one_more", { name: money(value) })} @click=${() => set(value, (counts[value] ?? 0) + 1)}>${icon("plus")}</button></div>`)}</div>
    <p class="tl-due"><span>${say("counted")}</span><strong class="num" aria-live="polite">${money(total)}</strong></p>`;
}

export class ShiftSheet extends Sheet {
  static properties = { first: { attribute: false }, page: { state: true }, counts: { state: true }, values: { state: true }, report: { state: true }, closed: { state: true }, wrong: { state: true }, successor: { state: true } };

  size = "is-wide";

  constructor() {
    super();
    Object.assign(this, { page: "", counts: {}, values: { kind: "OTHER_IN", amount: "", reason: "", left: "" }, wrong: "" });
  }

  connectedCallback() {
    super.connectedCallback();
    this.page = this.first ?? "";
  }

  get shift() {
    return this.till.state.shift;
  }

  get now() {
    if (this.closed) return "closed";
    if (!this.till.state.register) return "register";
    if (!this.shift) return "open";
    return this.shift.state === "COUNTED" && this.page !== "count" ? "close" : this.page || "menu";
  }

  title() {
    return { register: say("register_choose"), open: say("shift_open"), count: say("shift_count"), close: say("shift_close"), closed: say("shift_closed"), cash: say("cash_in_out"), report: say("x_report"), drawer: say("open_drawer"), hand: say("hand_over") }[this.now] ?? say("shift");
  }

  #count = (value, count) => {
    this.counts = { ...this.counts, [value]: count };
  };

  get pieces() {
    return Object.fromEntries(Object.entries(this.counts).filter(([, count]) => count > 0));
  }

  get total() {
    return Object.entries(this.pieces).reduce((sum, [value, count]) => sum + Number(value) * count, 0);
  }

  #go(page) {
    this.page = page;
    this.problem = null;
    this.wrong = "";
    this.counts = {};
    if (page === "report") this.doing(async () => { this.report = await this.till.xReport(); });
    this.updateComplete.then(() => this.querySelector("[autofocus]")?.focus());
  }

  /** Nothing counted may be forgotten: it is asked for. */
  open() {
    if (this.total) return this.#open(false);
    return this.ask("sure", { title: say("shift_open"), text: say("shift_open_empty"), yes: say("shift_open_empty_do"), isPlain: true, act: () => this.#open(true) });
  }

  #open(isEmpty) {
    return this.doing(async () => {
      await this.till.openShift({ pieces: this.pieces, reason: this.values.reason, is_empty: isEmpty });
      this.close();
      this.ask("notice", { text: say("shift_is_open", { amount: money(this.total) }) });
    });
  }

  count() {
    return this.doing(async () => {
      const { total } = this;
      await this.till.countShift({ pieces: this.pieces });
      this.page = "";
      this.values = { ...this.values, left: typed(Math.min(total, this.shift?.float_amount ?? total)), counted: total };
    });
  }

  end() {
    const left = amountOf(this.values.left);
    if (left === null) {
      this.wrong = say("wrong_amount");
      return;
    }
    this.ask("sure", {
      title: say("shift_close"), text: say("shift_close_sure"), yes: say("shift_close"),
      act: () => this.doing(async () => { this.closed = await this.till.closeShift({ left_amount: left, reason: this.values.reason }); }),
    });
  }

  move() {
    const { kind, reason } = this.values;
    const amount = amountOf(this.values.amount);
    if (!amount) this.wrong = say("wrong_amount");
    else if (!reason.trim() && kind !== "TO_SAFE") this.wrong = say("reason_missing");
    else {
      this.doing(async () => {
        await this.till.moveCash({ kind, amount, reason: reason.trim() });
        this.ask("notice", { text: say("cash_moved", { kind: say(`cash_${kind.toLowerCase()}`), amount: money(amount) }) });
        this.close();
      });
    }
  }

  /** Without a sale: written down with its reason, then opened. */
  openDrawer() {
    const reason = this.values.reason.trim();
    if (!reason) {
      this.wrong = say("reason_missing");
      this.querySelector("#till-shift-reason")?.focus();
      return;
    }
    this.doing(async () => {
      const { is_open: isOpen } = await this.till.openDrawer({ reason });
      this.close();
      this.ask("notice", { text: say(isOpen ? "drawer_open" : "drawer_by_key") });
    });
  }

  hand() {
    const { successor, total, pieces } = this;
    if (!successor) {
      this.wrong = say("hand_over_whom");
      return;
    }
    this.ask("sure", {
      title: say("hand_over"), text: say("hand_over_sure", { name: successor.name, amount: money(total) }), yes: say("hand_over_do"),
      act: () => this.doing(async () => {
        await this.till.handOverShift({ pieces, successor_id: successor.id, reason: this.values.reason.trim() });
        this.close();
        this.ask("notice", { text: say("handed_over", { name: successor.name }) });
        if (this.till.state.takers.length) this.ask("person");
      }),
    });
  }

  #field(name, label, mode, hint = "") {
    return html`<div class="dk-field"><label for="till-shift-${name}">${label}</label>
      <div class="dk-affix">${mode === "decimal" ? html`<span>¥</span>` : ""}<input id="till-shift-${name}" class="form-control form-control-big ${mode === "decimal" ? "num" : ""}" inputmode=${mode} maxlength="200" autocomplete="off" ?autofocus=${name === "amount" || name === "left"}
        .value=${this.values[name]} @input=${(event) => { this.values = { ...this.values, [name]: event.target.value }; this.wrong = ""; }}></div>${hint ? html`<p class="dk-hint">${hint}</p>` : ""}</div>`;
  }

  #menu() {
    const row = (page, name, label, note) => html`<li><button type="button" class="tl-choice" ?autofocus=${page === "cash"} @click=${() => this.#go(page)}>${icon(name)}<span class="tl-choice-text"><strong>${label}</strong><span class="tl-note">${note}</span></span>${icon("chevron-right")}</button></li>`;
    const at = when(this.shift.opened_at);
    return html`
      <p class="t-2">${say("shift_since", { at, amount: money(this.shift.float_amount ?? 0) })}</p>
      <ul class="tl-people">
        ${row("cash", "cash-register", say("cash_in_out"), say("cash_in_out_note"))}
        ${row("report", "report-money", say("x_report"), say("x_report_note"))}
        ${row("drawer", "door", say("open_drawer"), say("open_drawer_note"))}
        ${row("hand", "users", say("hand_over"), say("hand_over_note"))}
        ${row("count", "lock", say("shift_end"), say("shift_end_note"))}
      </ul>`;
  }

  #registers() {
    const { registers } = this.till.state;
    if (!registers.length) return html`<p>${say("no_registers")}</p>`;
    return html`<p class="t-2">${say("register_hint")}</p><ul class="tl-people">${registers.map((register, at) => html`
      <li><button type="button" class="tl-choice" ?autofocus=${!at} ?disabled=${this.busy} @click=${() => this.doing(() => this.till.chooseRegister(register.id))}>${icon("cash-register")}<span class="tl-choice-text"><strong>${register.name}</strong></span>${icon("chevron-right")}</button></li>`)}</ul>`;
  }

  #cash() {
    return html`
      <div class="tl-toggle-row" role="group" aria-label=${say("cash_in_out")}>${KINDS.map((kind) => html`<button type="button" class="tl-toggle" aria-pressed=${String(this.values.kind === kind)} @click=${() => { this.values = { ...this.values, kind }; }}>${say(`cash_${kind.toLowerCase()}`)}</button>`)}</div>
      <div class="dk-fields tl-gap">${this.#field("amount", say("amount"), "decimal")}${this.#field("reason", say("reason"), "text")}</div>`;
  }

  #drawer() {
    const { reason } = this.values;
    return html`
      <p class="t-2">${say("open_drawer_hint")}</p>
      <div class="tl-toggle-row" role="group" aria-label=${say("reason")}>${WHYS.map((code) => html`<button type="button" class="tl-toggle" aria-pressed=${String(reason === say(code))} @click=${() => { this.values = { ...this.values, reason: say(code) }; this.wrong = ""; }}>${say(code)}</button>`)}</div>
      ${this.#field("reason", say("reason"), "text")}`;
  }

  #hand() {
    const others = this.till.people().filter((person) => person.id !== this.shift.opened_by_id);
    if (!others.length) return html`<p>${say("hand_over_nobody")}</p>`;
    return html`
      <p class="t-2">${say("hand_over_hint")}</p>
      <fieldset class="dk-field"><legend class="dk-label">${say("hand_over_to")}</legend>
        <div class="tl-toggle-row">${others.map((person) => html`<button type="button" class="tl-toggle" aria-pressed=${String(this.successor?.id === person.id)} @click=${() => { this.successor = person; this.wrong = ""; }}>${person.name}</button>`)}</div></fieldset>
      ${counting(this.counts, this.#count)}
      ${this.#field("reason", say("reason_if_differs"), "text")}`;
  }

  #report() {
    if (!this.report) return html`<p class="t-2" role="status">${this.busy ? say("loading") : ""}</p>`;
    const { figures, expected_cash: expected, names = {} } = this.report;
    const tenders = Object.entries(figures.tenders ?? {});
    const named = (code) => names.tenders?.[code] ?? this.till.state.tenders.find((tender) => tender.code === code)?.name ?? code;
    const row = (label, value) => html`<tr><th scope="row">${label}</th><td class="num">${value}</td></tr>`;
    return html`
      <table class="tl-report">
        <tbody>
          ${figures.sales ? html`${row(say("x_sales"), say("x_sales_count", { count: figures.sales.count ?? 0 }))}${row(say("x_paid"), money(figures.sales.paid ?? 0))}` : ""}
          ${figures.returns ? html`${row(say("x_returns"), say("x_sales_count", { count: figures.returns.count ?? 0 }))}${row(say("x_refunds"), money(figures.returns.refund ?? 0))}` : ""}
          ${tenders.map(([code, value]) => row(named(code), money((value.in ?? 0) - (value.out ?? 0))))}
          ${expected == null ? "" : row(say("x_expected"), money(expected))}
        </tbody>
      </table>
      ${expected == null ? html`<p class="dk-hint">${say("x_blind")}</p>` : ""}`;
  }

  #closed() {
    const difference = this.closed.difference_amount ?? 0;
    return html`
      <div class="tl-done" role="status">
        <span class="t-2">${difference === 0 ? say("no_difference") : difference > 0 ? say("over") : say("short")}</span>
        <strong class="tl-done-figure num ${difference < 0 ? "is-owed" : ""}">${money(Math.abs(difference))}</strong>
        <p class="num t-2">${say("counted_expected", { counted: money(this.closed.counted_amount ?? 0), expected: money(this.closed.expected_amount ?? 0) })}</p>
      </div>`;
  }

  body() {
    const wrong = html`<p class="dk-error" role="alert" ?hidden=${!this.wrong}>${this.wrong}</p>`;
    if (!this.till.state.online && this.now !== "closed") return html`<div class="dk-empty is-small">${icon("wifi-off", "icon-l")}<p>${say("shift_offline")}</p></div>`;
    if (this.till.state.can?.run_register === false) return html`<p>${say("shift_may_not")}</p>`;
    switch (this.now) {
      case "register": return this.#registers();
      case "open": return html`<p class="t-2">${say("shift_open_hint")}</p>${counting(this.counts, this.#count)}${this.#field("reason", say("reason_if_less"), "text")}`;
      case "count": return html`<p class="t-2">${say("shift_count_hint")}</p>${counting(this.counts, this.#count)}`;
      case "close": return html`<p class="t-2">${say("shift_close_hint")}</p><div class="dk-fields">${this.#field("left", say("left_in_drawer"), "decimal", say("left_hint"))}${this.#field("reason", say("reason_if_differs"), "text")}</div>${wrong}`;
      case "closed": return this.#closed();
      case "cash": return html`${this.#cash()}${wrong}`;
      case "drawer": return html`${this.#drawer()}${wrong}`;
      case "hand": return html`${this.#hand()}${wrong}`;
      case "report": return this.#report();
      default: return this.#menu();
    }
  }

  foot() {
    const button = (label, act, kind = "btn-primary") => html`<button type="button" class="btn ${kind} btn-till push" ?disabled=${this.busy} @click=${act}>${this.busy ? say("working") : label}</button>`;
    const back = html`<button type="button" class="btn btn-till" @click=${() => this.#go("")}>${say("back")}</button>`;
    if (!this.till.state.online || this.till.state.can?.run_register === false) return "";
    switch (this.now) {
      case "open": return button(say("shift_open"), () => this.open());
      case "count": return html`${back}${button(say("counted_so"), () => this.count())}`;
      case "close": return html`<button type="button" class="btn btn-till" @click=${() => this.#go("count")}>${say("count_again")}</button><button type="button" class="btn btn-till" ?disabled=${this.busy} @click=${() => this.doing(async () => { await this.till.resumeShift(); this.#go(""); })}>${say("sell_on")}</button>${button(say("shift_close"), () => this.end(), "btn-danger")}`;
      case "closed": return button(say("done"), () => this.close());
      case "cash": return html`${back}${button(say("cash_move"), () => this.move())}`;
      case "drawer": return html`${back}${button(say("open_drawer"), () => this.openDrawer())}`;
      case "hand": return html`${back}${button(say("hand_over_do"), () => this.hand(), "btn-danger")}`;
      case "report": return back;
      default: return "";
    }
  }
}
customElements.define("dk-till-shift", ShiftSheet);
