// A quiet strip below the lines: up to three things the customer may want as well, each with its reason; one tap adds it.
// It comes when the server has answered and nobody waits for it; offline it is not there.
import { html } from "./lit.js";
import { Part, icon } from "./part.js";
import { money } from "./amounts.js";
import { priceFor } from "./desk.js";
import { say } from "./texts.js";

/** After the last change of the basket, so that scanning ten things asks once. */
const REST = 400;

export class Proposing extends Part {
  static properties = { rows: { state: true } };

  constructor() {
    super();
    this.rows = [];
    this.asked = "";
  }

  updated() {
    const { customer_id: customerId } = this.basket.data;
    const productIds = this.basket.lines.map((line) => this.basket.shown[line.key]?.good.product_id).filter(Boolean);
    // While the goods are still being read, some of what is proposed is not known here yet.
    const asked = JSON.stringify([customerId, this.till.state.online, this.till.state.catalogue.count, ...productIds]);
    if (asked === this.asked) return;
    this.asked = asked;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#find(asked, { customerId, productIds }), REST);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  async #find(asked, basket) {
    const rows = [];
    for (const one of await this.till.proposals.find(basket)) {
      const good = await this.till.good(one.variant_id);
      if (good && !basket.productIds.includes(one.product_id)) rows.push({ reason: one.reason, good, amount: priceFor(good, this.basket.member) });
    }
    if (asked === this.asked) this.rows = rows;
  }

  #take({ good }) {
    this.rows = this.rows.filter((row) => row.good.id !== good.id);
    this.ask("take", { good });
  }

  render() {
    if (!this.rows.length) return "";
    return html`
      <section class="tl-proposals" aria-label=${say("proposals")}>
        <h3 class="tl-note">${icon("bulb", "icon-s")} ${say("proposals")}</h3>
        <ul>${this.rows.map((row) => html`
          <li><button type="button" class="tl-proposal" title=${say("proposal_take", { name: row.good.name, reason: row.reason })} @click=${() => this.#take(row)}>
            <span class="tl-proposal-text"><span class="clip">${row.good.name}</span><small class="clip">${row.reason}</small></span>
            ${row.amount === null ? "" : html`<span class="num">${money(row.amount)}</span>`}${icon("plus")}
          </button></li>`)}</ul>
      </section>`;
  }
}
customElements.define("dk-till-proposals", Proposing);
