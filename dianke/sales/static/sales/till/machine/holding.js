// Baskets put aside, and the one that is being typed in: sealed, so that a name on one is nobody's business.
import { newUuid } from "./ids.js";

const OPEN = "open";

export class Holding extends EventTarget {
  #db;
  #vault;
  #person;
  #know;
  #ownsOpen = false;

  /** `person()` is who stands at the till; `know(basket)` has at hand what a basket names. */
  static async open(db, vault, { person, know }) {
    const holding = new Holding();
    holding.#db = db;
    holding.#vault = vault;
    holding.#person = person;
    holding.#know = know;
    await holding.#claim();
    return holding;
  }

  // One tab owns the basket that is open: it survives a reload and a power cut. A second tab begins empty.
  #claim() {
    if (!navigator.locks) {
      this.#ownsOpen = true;
      return Promise.resolve();
    }
    return new Promise((claimed) => {
      navigator.locks.request("till-open", { ifAvailable: true }, (lock) => {
        this.#ownsOpen = Boolean(lock);
        claimed();
        return lock && new Promise(() => {});
      });
    });
  }

  async hold(basket, name = "") {
    const id = newUuid();
    await this.#keep(id, basket, name);
    this.#changed();
    return id;
  }

  async held() {
    const rows = (await this.#db.held.orderBy("at").toArray()).filter((row) => row.id !== OPEN);
    return Promise.all(rows.map(async ({ id, at, sealed }) => ({ id, at, ...(await this.#vault.open(sealed)) })));
  }

  /** The basket, which is not held any more; null when another tab took it. */
  async takeUp(id) {
    const row = await this.#db.transaction("rw", this.#db.held, async () => {
      const found = await this.#db.held.get(id);
      if (found) await this.#db.held.delete(id);
      return found;
    });
    this.#changed();
    return row ? this.#know((await this.#vault.open(row.sealed)).basket) : null;
  }

  async drop(id) {
    await this.#db.held.delete(id);
    this.#changed();
  }

  /** Keep what is being typed in; null forgets it. */
  async keepOpen(basket) {
    if (!this.#ownsOpen) return;
    if (basket === null) await this.#db.held.delete(OPEN);
    else await this.#keep(OPEN, basket, "");
  }

  /** The basket that was open when the page went away, or null. */
  async opened() {
    const row = this.#ownsOpen ? await this.#db.held.get(OPEN) : null;
    return row ? this.#know((await this.#vault.open(row.sealed)).basket) : null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  // Where nothing can be sealed, nobody's name is kept.
  async #keep(id, basket, name) {
    const { member: _member, ...plain } = basket;
    const kept = this.#vault.keeps ? { basket, name } : { basket: plain, name: "" };
    await this.#db.held.put({ id, at: Date.now(), sealed: await this.#vault.seal({ ...kept, person: this.#person() }) });
  }
}
