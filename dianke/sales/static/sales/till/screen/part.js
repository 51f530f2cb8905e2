// What every part of the screen is: an element in the page's own tree (so that the web kit's styles hold), drawn again
// when the till or the basket changes. A sheet is a part that is a dialog.
import { LitElement, html } from "./lit.js";
import { say } from "./texts.js";

/** An outline icon; the page has them all (icons.js). */
export function icon(name, size = "") {
  return html`<svg class="icon ${size}" aria-hidden="true"><use href="#icon-${name}"></use></svg>`;
}

export class Part extends LitElement {
  static properties = { till: { attribute: false }, basket: { attribute: false } };

  #again = () => this.requestUpdate();

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    for (const source of [this.till, this.basket]) source?.addEventListener("change", this.#again);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const source of [this.till, this.basket]) source?.removeEventListener("change", this.#again);
  }

  /** Tells the screen: `ask("pay")`, `ask("notice", {text})`. */
  ask(what, detail = {}) {
    this.dispatchEvent(new CustomEvent("till-ask", { bubbles: true, detail: { what, ...detail } }));
  }
}

/** A dialog: `title()`, `body()`, `foot()` are its parts. Esc and the cross close it; `close()` tells the screen. */
export class Sheet extends Part {
  static properties = { busy: { state: true }, problem: { state: true } };

  size = "";

  firstUpdated() {
    const dialog = this.querySelector("dialog");
    dialog.showModal();
    (this.querySelector("[autofocus]") ?? dialog).focus();
  }

  title() {
    return "";
  }

  body() {
    return "";
  }

  foot() {
    return "";
  }

  close(result = null) {
    this.dispatchEvent(new CustomEvent("till-closed", { bubbles: true, detail: result }));
  }

  /** Runs `act`; while it runs the sheet is busy, what it throws is told in the sheet. */
  async doing(act) {
    if (this.busy) return undefined;
    this.busy = true;
    this.problem = null;
    try {
      return await act();
    } catch (error) {
      this.problem = error;
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  told() {
    const text = this.problem && (this.problem.message || say("failed"));
    return html`<div role="alert">${text ? html`<p class="dk-alert is-bad">${icon("alert-circle")}<span class="dk-alert-text">${text}</span></p>` : ""}</div>`;
  }

  render() {
    const foot = this.foot();
    return html`
      <dialog class="dk-dialog tl-sheet ${this.size}" aria-labelledby="${this.localName}-title" tabindex="-1"
        @cancel=${(event) => { event.preventDefault(); if (!this.busy) this.close(); }}
        @keydown=${(event) => this.keys?.(event)}>
        <div>
          <header class="dk-sheet-head">
            <h2 id="${this.localName}-title">${this.title()}</h2>
            <button type="button" class="btn btn-ghost btn-icon tl-close" aria-label=${say("close")} @click=${() => this.close()}>${icon("x")}</button>
          </header>
          <div class="dk-sheet-body tl-body">${this.told()}${this.body()}</div>
          ${foot ? html`<footer class="dk-sheet-foot">${foot}</footer>` : ""}
        </div>
      </dialog>`;
  }
}

/** Keys of a group of buttons that are one choice: arrows walk. */
export function walks(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll("button:not([disabled])")];
  const at = all.indexOf(document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  all[(at + step + all.length) % all.length].focus();
}
