// What somebody may want as well: asked of the server beside the sale, and only with it. Nothing waits for the answer, and
// no answer is no proposal: selling, typing and what goes out are never held up by it.

const PATIENCE = 3_000;
const SHOWN = 3;
const KEPT = 30;

export class Proposals {
  #api;
  #boot;
  /** what was asked → what was answered, of this visit */
  #answers = new Map();

  constructor(api, boot) {
    this.#api = api;
    this.#boot = boot;
  }

  /** @returns [{product_id, variant_id, name, reason, …}], empty offline, without the permission, or when it takes long */
  async find({ customerId = null, productIds = [] }) {
    const products = [...new Set(productIds)].sort((a, b) => a - b).slice(0, 50).join(",");
    if (!this.#api.online || !this.#boot.can.propose || (!customerId && !products)) return [];
    const key = `${this.#boot.person.id}:${customerId ?? ""}:${products}`;
    if (!this.#answers.has(key)) {
      try {
        const query = { store_id: this.#boot.store.id, customer_id: customerId, products, count: SHOWN };
        const { proposals } = await this.#api.get("/insight/proposals", query, { patience: PATIENCE });
        if (this.#answers.size >= KEPT) this.#answers.clear();
        this.#answers.set(key, proposals);
      } catch {
        return [];
      }
    }
    return this.#answers.get(key);
  }

  /** After a sale the shelf has changed, and so may what they have. */
  forget() {
    this.#answers.clear();
  }
}
