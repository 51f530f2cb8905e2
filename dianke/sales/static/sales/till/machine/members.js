// Customers at the till. Online the server is asked; those met lately are kept sealed, so that a member who comes back
// while the line is down is still known. No phone in clear: the server sends it masked, and only that is kept.

const KEPT = 300;
const KEPT_FOR = 30 * 24 * 3600_000;

export class Members {
  #db;
  #vault;
  #api;
  #store;
  /** id → detail, of this visit */
  details = new Map();

  constructor(db, vault, api, store) {
    this.#db = db;
    this.#vault = vault;
    this.#api = api;
    this.#store = store;
  }

  /** @returns [{id, name, phone (masked), number, tier, why}] */
  async find(text) {
    if (this.#api.online) {
      try {
        return (await this.#api.get("/till/members", { store_id: this.#store.id, q: text })).members;
      } catch (error) {
        if (this.#api.online) throw error;
      }
    }
    const wanted = text.normalize("NFKC").toLowerCase().trim();
    const fits = ({ member }) => [member.name, member.number, member.words].some((each) => each?.toLowerCase().includes(wanted)) || (/^\d{3,4}$/.test(wanted) && member.phone?.endsWith(wanted));
    return wanted ? (await this.#kept()).filter(fits).map(({ member }) => ({ ...member, isKept: true })) : [];
  }

  /** Everything the till needs of a customer. Offline what was known last, with `isKept` and `at`; null when nothing is. */
  async detail(id) {
    if (this.#api.online) {
      try {
        const detail = await this.#api.get(`/till/members/${id}`, { store_id: this.#store.id });
        await this.#keep(detail);
        return detail;
      } catch (error) {
        if (this.#api.online) throw error;
      }
    }
    const kept = (await this.#kept()).find((each) => each.member.id === id);
    if (!kept) return null;
    const detail = { ...kept, isKept: true };
    this.details.set(id, detail);
    return detail;
  }

  async #keep(detail) {
    this.details.set(detail.member.id, detail);
    if (!this.#vault.keeps) return;
    const at = Date.now();
    const sealed = await this.#vault.seal({ ...detail, at });
    await this.#db.members.put({ id: detail.member.id, at, sealed });
    await this.#db.members.where("at").below(at - KEPT_FOR).delete();
    const over = (await this.#db.members.count()) - KEPT;
    if (over > 0) await this.#db.members.bulkDelete(await this.#db.members.orderBy("at").limit(over).primaryKeys());
  }

  async #kept() {
    if (!this.#vault.keeps) return [...this.details.values()];
    const found = [];
    for (const row of await this.#db.members.orderBy("at").reverse().toArray()) {
      try {
        found.push(await this.#vault.open(row.sealed));
      } catch {
        await this.#db.members.delete(row.id); // of a key that is gone
      }
    }
    return found;
  }

  /** Somebody signed out: nobody is known here any more. */
  async forget() {
    this.details.clear();
    await this.#db.members.clear();
  }
}
