// What is needed now and then: another person at the till, sales not sent yet, the keys, one's way out, and the
// question before what cannot be undone.
import { html } from "./lit.js";
import { Part, Sheet, icon } from "./part.js";
import { pad, pressed } from "./pad.js";
import { say } from "./texts.js";

export const KEYS = [
  ["Enter", "key_enter"], ["F2", "key_member"], ["F3", "key_hold"], ["F4", "key_held"], ["F6", "key_return"], ["F7", "key_line"], ["F8", "key_shift"], ["F9", "key_pay"], ["F10", "key_past"],
  ["3*", "key_times"], ["+ −", "key_step"], ["Delete", "key_delete"], ["↑ ↓", "key_walk"], ["Ctrl ↑↓", "key_lines"], ["Alt 1–9", "key_tender"], ["Esc", "key_escape"], ["?", "key_keys"],
];

export class KeysSheet extends Sheet {
  title() {
    return say("keys");
  }

  body() {
    return html`<dl class="tl-keys">${KEYS.map(([key, name]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${say(name)}</dd></div>`)}</dl>`;
  }
}
customElements.define("dk-till-keys", KeysSheet);

export class PersonSheet extends Sheet {
  static properties = { pin: { state: true }, chosen: { state: true } };

  constructor() {
    super();
    Object.assign(this, { pin: "", chosen: null });
  }

  title() {
    return say("switch_person");
  }

  go(event) {
    event?.preventDefault();
    if (!this.pin || !this.chosen) return undefined;
    return this.doing(async () => {
      try {
        await this.till.switchPerson(this.chosen.id, this.pin);
        this.close();
        this.ask("notice", { text: say("now_sells", { name: this.till.state.person.name }) });
      } catch (error) {
        this.pin = "";
        this.querySelector("#till-pin")?.focus();
        throw error;
      }
    });
  }

  body() {
    const { takers, person } = this.till.state;
    if (!this.chosen) {
      return html`
        <p class="t-2">${say("sells_now", { name: person?.name ?? "" })}</p>
        ${takers.length ? "" : html`<p>${say("no_takers")}</p>`}
        <ul class="tl-people">${takers.map((taker) => html`<li><button type="button" class="tl-choice" @click=${() => { this.chosen = taker; }}>
          <span class="dk-avatar tint-${(taker.id % 5) + 1}" aria-hidden="true">${[...taker.name][0]}</span><span class="tl-choice-text"><strong>${taker.name}</strong></span>${icon("chevron-right")}</button></li>`)}</ul>`;
    }
    return html`
      <form id="till-pin-form" class="tl-pin" @submit=${(event) => this.go(event)}>
        <p><strong>${this.chosen.name}</strong></p>
        <label class="dk-label" for="till-pin">${say("pin")}</label>
        <input id="till-pin" class="form-control form-control-big num" type="password" inputmode="numeric" autocomplete="off" maxlength="8" autofocus .value=${this.pin} @input=${(event) => { this.pin = event.target.value; }}>
        ${pad((key) => { this.pin = pressed(this.pin, key); }, { point: false })}
      </form>`;
  }

  updated(changed) {
    if (changed.has("chosen") && this.chosen) this.querySelector("#till-pin")?.focus();
  }

  foot() {
    const other = html`<a class="btn btn-till" href=${this.till.boot.urls?.people ?? "/till/people/"}>${say("other_way_in")}</a>`;
    if (!this.chosen) return other;
    return html`<button type="button" class="btn btn-till" @click=${() => { this.chosen = null; this.pin = ""; }}>${say("back")}</button><button type="submit" form="till-pin-form" class="btn btn-primary btn-till push" ?disabled=${this.busy}>${say("take_over")}</button>`;
  }
}
customElements.define("dk-till-person", PersonSheet);

export class QueueSheet extends Sheet {
  title() {
    return say("unsent");
  }

  async #export(event) {
    event.preventDefault();
    const password = this.querySelector("#till-export").value;
    await this.doing(async () => {
      const blob = await this.till.exportQueue(password);
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `dianke-${new Date().toISOString().slice(0, 10)}.json` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  }

  async #import(event) {
    event.preventDefault();
    const [file] = this.querySelector("#till-import").files;
    const password = this.querySelector("#till-import-password").value;
    await this.doing(async () => {
      const count = await this.till.importQueue(file, password);
      event.target.reset();
      this.ask("notice", { text: count ? say("imported", { count }) : say("imported_none") });
    });
  }

  /** Those the server refused go once more: after what was wrong was put right. */
  #again() {
    return this.doing(async () => {
      const { broken } = await this.till.retryHeld();
      this.ask("notice", { text: broken ? say("still_refused", { count: broken }) : say("retried") });
    });
  }

  body() {
    const { unsent, online, problems = [] } = this.till.state;
    return html`
      <p>${unsent.count ? say("unsent_count", { count: unsent.count }) : say("all_sent")}</p>
      ${problems.length ? html`<ul class="tl-effects">${problems.map((problem) => html`<li><span>${problem.message}</span></li>`)}</ul>` : ""}
      ${unsent.count ? html`
        <p class="dk-hint">${say(online ? "unsent_hint" : "unsent_offline_hint")}</p>
        <details class="tl-export"><summary>${say("export_queue")}</summary>
          <form class="dk-form" @submit=${(event) => this.#export(event)}>
            <div class="dk-field"><label for="till-export">${say("export_password")}</label><input id="till-export" class="form-control" type="password" minlength="8" required autocomplete="new-password"><p class="dk-hint">${say("export_hint")}</p></div>
            <button type="submit" class="btn btn-till" ?disabled=${this.busy}>${icon("download")}${say("export_do")}</button>
          </form></details>` : ""}
      ${online ? html`
        <details class="tl-export"><summary>${say("import_queue")}</summary>
          <form class="dk-form" @submit=${(event) => this.#import(event)}>
            <div class="dk-field"><label for="till-import">${say("import_file")}</label><input id="till-import" class="form-control" type="file" accept=".json,application/json" required><p class="dk-hint">${say("import_hint")}</p></div>
            <div class="dk-field"><label for="till-import-password">${say("export_password")}</label><input id="till-import-password" class="form-control" type="password" required autocomplete="off"></div>
            <button type="submit" class="btn btn-till" ?disabled=${this.busy}>${icon("upload")}${say("import_do")}</button>
          </form></details>` : ""}`;
  }

  foot() {
    const { unsent, online } = this.till.state;
    if (!unsent.count) return "";
    return html`
      ${online && unsent.broken ? html`<button type="button" class="btn btn-till" ?disabled=${this.busy} @click=${() => this.#again()}>${icon("repeat")}${say("retry_held")}</button>` : ""}
      <button type="button" class="btn btn-primary btn-till push" autofocus ?disabled=${this.busy || !online} @click=${() => this.doing(() => this.till.sync())}>${icon("refresh")}${this.busy ? say("working") : say("send_now")}</button>`;
  }
}
customElements.define("dk-till-queue", QueueSheet);

export class MenuSheet extends Sheet {
  title() {
    return say("more");
  }

  body() {
    const { shift, online, can, unsent } = this.till.state;
    const runs = Boolean(shift) && online && can.run_register !== false;
    const row = (what, name, label, key = "", more = {}) => html`<li><button type="button" class="tl-choice" @click=${() => { this.close(); this.ask(what, more); }}>${icon(name)}<span class="tl-choice-text"><strong>${label}</strong></span>${key ? html`<kbd>${key}</kbd>` : ""}</button></li>`;
    return html`
      <ul class="tl-people">
        ${row("held", "player-pause", say("held"), "F4")}
        ${row("return", "arrow-back-up", say("return"), "F6")}
        ${row("past", "history", say("past"), "F10")}
        ${row("shift", "cash-register", say("shift"), "F8")}
        ${runs ? row("shift", "door", say("open_drawer"), "", { page: "drawer" }) : ""}
        ${runs ? row("shift", "users", say("hand_over"), "", { page: "hand" }) : ""}
        ${row("person", "user-circle", say("switch_person"))}
        ${row("queue", "cloud-upload", unsent.count ? say("unsent_many", { count: unsent.count }) : say("unsent"))}
        ${row("clear", "trash", say("clear_cart"))}
        ${row("keys", "keyboard", say("keys"), "?")}
        <li><a class="tl-choice" href="/">${icon("logout")}<span class="tl-choice-text"><strong>${say("leave")}</strong></span></a></li>
      </ul>`;
  }
}
customElements.define("dk-till-menu", MenuSheet);

/** `question` {title, text, yes, act}: asks, then acts and stays until that is done. Nothing is lost by what `isPlain`. */
export class Sure extends Sheet {
  static properties = { question: { attribute: false } };

  size = "is-small";

  title() {
    return this.question.title;
  }

  body() {
    return html`<p>${this.question.text}</p>`;
  }

  foot() {
    return html`
      <button type="button" class="btn btn-till" autofocus ?disabled=${this.busy} @click=${() => this.close()}>${say("cancel")}</button>
      <button type="button" class="btn ${this.question.isPlain ? "btn-primary" : "btn-danger"} btn-till push" ?disabled=${this.busy} @click=${() => this.doing(async () => { const { act } = this.question; this.close(); await act(); })}>${this.question.yes}</button>`;
  }
}
customElements.define("dk-till-sure", Sure);

/** What tells the state of the line to the server: nothing when all is well. */
export class Banner extends Part {
  render() {
    const { online, unsent, problems = [], update } = this.till.state;
    const count = unsent?.count ?? 0;
    // That this browser is no till matters when the line breaks; it stands among the sales to send.
    const shownProblems = problems.filter((problem) => problem.code !== "no_till");
    if (online && !count && !shownProblems.length && !update?.isWaiting) return html`<div role="status"></div>`;
    const age = unsent?.oldestAt ? Math.max(Math.round((Date.now() - new Date(unsent.oldestAt)) / 60000), 0) : 0;
    const since = age >= 60 ? say("for_hours", { count: Math.floor(age / 60) }) : say("for_minutes", { count: age });
    const text = unsent?.blocked ? say("offline_blocked")
      : !online && !this.till.state.device ? say("offline_no_till")
      : !online ? (count ? say("offline_with", { count, since }) : say("offline"))
      : shownProblems.length ? shownProblems[0].message
      : count ? say("sending", { count }) : say("new_version");
    return html`
      <div role="status" class="tl-banner ${unsent?.blocked || (!online && !this.till.state.device) ? "is-bad" : "is-wait"}">
        ${icon(online ? "cloud-upload" : "wifi-off")}<span>${text}${unsent?.warning && !unsent.blocked ? ` ${say("unsent_long")}` : ""}</span>
        ${online && !count && !shownProblems.length
          ? html`<button type="button" class="btn btn-s" @click=${async () => { await this.till.takeNewVersion(); location.reload(); }}>${say("take_version")}</button>`
          : html`<button type="button" class="btn btn-s" @click=${() => this.ask("queue")}>${say("look")}</button>`}
      </div>`;
  }
}
customElements.define("dk-till-banner", Banner);
