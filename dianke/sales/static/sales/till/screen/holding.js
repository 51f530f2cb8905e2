// Sales that wait: put one aside under a name, take one up again.
import { html } from "./lit.js";
import { Sheet, icon } from "./part.js";
import { money } from "./amounts.js";
import { say } from "./texts.js";

export class HoldSheet extends Sheet {
  static properties = { amount: { attribute: false } };

  title() {
    return say("hold");
  }

  hold(event) {
    event.preventDefault();
    const name = this.querySelector("#till-hold-name").value.trim() || this.basket.member?.member.name || say("no_name");
    return this.doing(async () => {
      await this.till.hold({ ...this.basket.kept(), amount: this.amount }, name);
      this.close();
      this.ask("held-now", { name });
    });
  }

  body() {
    return html`
      <form id="till-hold" class="dk-form" @submit=${(event) => this.hold(event)}>
        <div class="dk-field"><label for="till-hold-name">${say("hold_name")}</label>
          <input id="till-hold-name" class="form-control form-control-big" maxlength="40" autocomplete="off" autofocus placeholder=${say("hold_name_hint")} .value=${this.basket.member?.member.name ?? ""}></div>
      </form>`;
  }

  foot() {
    return html`<button type="submit" form="till-hold" class="btn btn-primary btn-till" ?disabled=${this.busy}>${icon("player-pause")}${say("hold")}</button>`;
  }
}
customElements.define("dk-till-hold", HoldSheet);

export class HeldSheet extends Sheet {
  static properties = { held: { state: true } };

  async connectedCallback() {
    super.connectedCallback();
    await this.#load();
    this.querySelector(".tl-people button")?.focus();
  }

  async #load() {
    this.held = (await this.doing(() => this.till.held())) ?? [];
    await this.updateComplete;
  }

  title() {
    return say("held");
  }

  take(one) {
    return this.doing(async () => {
      // What is in the cart is not lost: it waits in turn.
      if (!this.basket.isEmpty) await this.till.hold(this.basket.kept(), this.basket.member?.member.name ?? say("no_name"));
      const { amount: _amount, ...kept } = await this.till.takeUp(one.id);
      this.basket.load(kept);
      this.close();
    });
  }

  drop(one) {
    this.ask("sure", {
      title: say("drop_held"), text: say("drop_held_text", { name: one.name, amount: money(one.amount ?? 0) }), yes: say("drop"),
      act: async () => {
        await this.till.drop(one.id);
        await this.#load();
      },
    });
  }

  body() {
    if (!this.held) return html`<p class="t-2" role="status">${say("loading")}</p>`;
    if (!this.held.length) return html`<div class="dk-empty is-small">${icon("player-pause", "icon-l")}<p>${say("held_none")}</p></div>`;
    return html`<ul class="tl-people">${this.held.map((one) => html`
      <li class="tl-held"><button type="button" class="tl-choice" ?disabled=${this.busy} @click=${() => this.take(one)}>
        ${icon("shopping-bag")}<span class="tl-choice-text"><strong>${one.name}</strong><span class="tl-note">${[say("pieces_count", { count: one.count }), this.#since(one.at)].filter(Boolean).join(" · ")}</span></span>
        <span class="num">${one.amount == null ? "" : money(one.amount)}</span></button>
        <button type="button" class="btn btn-ghost-danger btn-icon tl-close" aria-label=${say("drop_named", { name: one.name })} @click=${() => this.drop(one)}>${icon("trash")}</button></li>`)}</ul>`;
  }

  #since(at) {
    return at ? new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(new Date(at)) : "";
  }
}
customElements.define("dk-till-held", HeldSheet);
