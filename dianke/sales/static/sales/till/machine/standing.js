// What the till goes by and keeps for the day without a line: the settings of the store, the limits it may sell within,
// the register it stands at and the shift that runs there.
import { MINUTE } from "./rules.js";

const RENEW_AFTER = 30 * MINUTE;

export class Standing {
  #with;
  /** As /till/settings sends them: {tenders, people, roundings, categories, favourites, promotions, …}. */
  settings = null;
  /** code → tender */
  tenders = {};
  /** {token, grant, used}, or null without */
  limits = null;

  /** `parts`: boot, db, api, queue, registers, catalogue. */
  constructor(parts) {
    this.#with = parts;
  }

  get #storeId() {
    return this.#with.boot.store.id;
  }

  // --- settings ------------------------------------------------------------------------------------------------------
  /** What was kept, else what the server says. */
  async readSettings() {
    const kept = (await this.#with.db.meta.get(`settings:${this.#storeId}`))?.value;
    await this.#use(kept ?? (await this.#fetch()));
  }

  /** Whether the server has others than were known here. */
  async refreshSettings() {
    const settings = await this.#fetch();
    if (settings.version === this.settings?.version) return false;
    await this.#use(settings);
    return true;
  }

  async #fetch() {
    const settings = await this.#with.api.get("/till/settings", { store_id: this.#storeId }, { patience: 30_000 });
    await this.#with.db.meta.put({ key: `settings:${this.#storeId}`, value: settings });
    return settings;
  }

  async #use(settings) {
    this.settings = settings;
    this.tenders = Object.fromEntries(settings.tenders.map((tender) => [tender.code, tender]));
    this.#with.catalogue.use(settings);
    await this.#with.catalogue.many(settings.favourites);
  }

  // --- limits --------------------------------------------------------------------------------------------------------
  async readLimits() {
    this.limits = await this.#with.queue.limits();
    return this.limits;
  }

  /** Renewed while there is a line, so that they are fresh when it breaks. Answers whether they were. */
  async renewLimits() {
    const { boot, api, queue, registers } = this.#with;
    const { device, store } = boot;
    if (!device) return false;
    const limits = await queue.limits();
    const age = limits ? api.now() - Date.parse(limits.grant.issued_at) : Infinity;
    if (age < RENEW_AFTER && limits.grant.device === device.id && limits.grant.store === store.id) return false;
    const { token } = await api.post("/offline-grants", { store_id: store.id, register_id: registers.register?.id ?? null });
    await queue.setLimits(token);
    return true;
  }

  // --- the register --------------------------------------------------------------------------------------------------
  /** The register chosen here, or the only one there is, with the shift that ran last. */
  async readRegister() {
    const { boot, db, registers } = this.#with;
    const kept = (await db.meta.get(`register:${this.#storeId}`))?.value;
    const register = boot.registers.find((each) => each.id === kept) ?? (boot.registers.length === 1 ? boot.registers[0] : null);
    registers.register = register;
    registers.shift = (await db.meta.get(`shift:${register?.id}`))?.value ?? null;
  }

  async chooseRegister(id) {
    await this.#with.db.meta.put({ key: `register:${this.#storeId}`, value: id });
    await this.readRegister();
  }

  async keepShift() {
    const { register, shift } = this.#with.registers;
    if (register) await this.#with.db.meta.put({ key: `shift:${register.id}`, value: shift });
  }
}
