// What a code stands for and what a basket costs: goods, pieces and coupons as they were met, handed to the engine.
import { priceBasket, spreadOrder } from "./basket.js";
import { pieceOf } from "./goods.js";

export class Shelf {
  #with;
  #pieces = new Map();
  #coupons = new Map();

  /** `parts`: boot, api, catalogue, members, standing. */
  constructor(parts) {
    this.#with = parts;
  }

  /** {kind: "good"|"piece"|"coupon"|"member"|"receipt"|"none", …}. Local first, then the server. */
  async scan(code) {
    const { boot, api, catalogue } = this.#with;
    const here = await catalogue.byCode(code);
    if (here) return this.#scanned(here);
    if (!api.online) return { kind: "none", code };
    const found = await api.get("/till/scan", { store_id: boot.store.id, code });
    if (found.kind === "good" || found.kind === "piece") {
      const [good] = catalogue.learn([found.row]);
      return this.#scanned({ good, quantity: found.quantity, amount: found.amount, piece: found.piece ? pieceOf(found.piece) : null });
    }
    if (found.kind === "coupon") this.#coupons.set(found.coupon.id, found.coupon);
    return found;
  }

  #scanned({ good, quantity, amount, piece }) {
    if (piece) {
      this.#pieces.set(piece.id, piece);
      return { kind: "piece", good, piece, quantity: "1" };
    }
    if (amount == null || !good.amount) return { kind: "good", good, quantity };
    // The scale printed what it costs: so much of it that it costs just that.
    const digits = Math.max(good.digits, 3);
    return { kind: "good", good, quantity: (amount / good.amount).toFixed(Math.min(digits, 4)), amount };
  }

  /** Everything the basket names is at hand afterwards; for one that was held. */
  async know(basket) {
    const { catalogue, members } = this.#with;
    await catalogue.many(basket.lines.map((line) => line.variant_id).filter(Boolean));
    for (const { piece_id: id } of basket.lines) {
      const piece = id && !this.#pieces.has(id) && (await catalogue.piece(id));
      if (piece) this.#pieces.set(id, piece);
    }
    if (basket.customer_id && !members.details.has(basket.customer_id)) await members.detail(basket.customer_id);
    return basket;
  }

  /** By the engine, at once. Throws `CannotPrice`. */
  price(basket) {
    const world = this.#worldOf(basket);
    const whole = spreadOrder(basket, world);
    const off = ({ lines }) => lines.reduce((sum, line) => sum + (line.discount_amount ?? 0), 0);
    return { ...priceBasket(whole, world), order_off_amount: off(whole) - off(basket) };
  }

  /** The basket as it is sold: what is taken off the whole order stands at its lines. */
  whole(basket) {
    return spreadOrder(basket, this.#worldOf(basket));
  }

  #worldOf(basket) {
    const { boot, api, catalogue, members, standing } = this.#with;
    return {
      goods: catalogue.known,
      pieces: this.#pieces,
      detail: members.details.get(basket.customer_id) ?? null,
      coupons: this.#coupons,
      settings: standing.settings,
      store: boot.store,
      at: api.now(),
    };
  }
}
