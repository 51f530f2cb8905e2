// The till as the screen sees it: one object with everything it can do, and one state. Behind it the catalogue, the
// queue of sales, the customers and the register; online it asks the server, offline it goes on by itself.
import { Api, Refusal } from "./api.js";
import { CannotPrice, basketOf } from "./basket.js";
import { Catalogue } from "./catalogue.js";
import { Holding } from "./holding.js";
import { Members } from "./members.js";
import { Queue } from "./queue.js";
import { Registers } from "./registers.js";
import { MINUTE, SKEW_LIMIT, unsentState } from "./rules.js";
import { Selling } from "./selling.js";
import { Sender } from "./sender.js";
import { Shelf } from "./shelf.js";
import { Standing } from "./standing.js";
import { Vault, openKeep } from "./tables.js";
import { Versions } from "./worker.js";

export { Refusal, CannotPrice };

const ROUND = 60_000;

/** Open the till with what the page brought (`#till-boot`). Quick: what was kept is shown, the rest comes behind. */
export async function openTill(boot) {
  const till = new Till(boot);
  await till.start();
  return till;
}

export class Till extends EventTarget {
  #boot;
  #db;
  #vault;
  #queue;
  #sender;
  #catalogue;
  #members;
  #registers;
  #versions = new Versions();
  #channel = globalThis.BroadcastChannel ? new BroadcastChannel("till") : null;
  #standing;
  #shelf;
  #holding;
  #selling;
  api;
  /** See the contract; replaced, never changed in place. */
  state;

  constructor(boot) {
    super();
    this.#boot = boot;
    this.api = new Api(boot);
    this.state = {
      online: this.api.online,
      unsent: { count: 0, broken: 0, oldestAt: null, warning: false, blocked: false },
      catalogue: { count: 0, at: null, loading: null },
      person: boot.person,
      store: boot.store,
      register: null,
      shift: null,
      grant: null,
      device: boot.device,
      skew: 0,
      update: { isWaiting: false },
      problems: [],
    };
  }

  async start() {
    this.#db = await openKeep();
    this.#vault = await Vault.open(this.#db);
    this.#queue = new Queue(this.#db, this.#vault);
    this.#sender = new Sender(this.#queue, this.api, this.#db);
    this.#members = new Members(this.#db, this.#vault, this.api, this.#boot.store);
    this.#registers = new Registers(this.api, (code, values) => this.say(code, values));
    this.#catalogue = await Catalogue.open(this.api, this.#boot.store);
    const parts = { boot: this.#boot, db: this.#db, api: this.api, queue: this.#queue, sender: this.#sender, registers: this.#registers, catalogue: this.#catalogue, members: this.#members };
    this.#standing = new Standing(parts);
    this.#shelf = new Shelf({ ...parts, standing: this.#standing });
    this.#selling = new Selling({ ...parts, standing: this.#standing, whole: (basket) => this.#shelf.whole(basket), price: (basket) => this.price(basket), refuse: (refusal) => this.#refusal(refusal) });
    await this.#standing.readRegister();
    const { register, shift } = this.#registers;
    this.state = { ...this.state, register, shift };
    await this.#standing.readSettings();
    this.#tell({ catalogue: { ...this.#catalogue.state } });
    if (this.#boot.device) await this.#queue.setNextNumber(this.#boot.device.id, this.#boot.device.next_number);
    this.#holding = await Holding.open(this.#db, this.#vault, { person: () => this.#boot.person, know: (basket) => this.know(basket) });
    this.#listen();
    await this.#recount();
    this.#versions.start(this.#boot.urls).catch(() => {});
    this.#round();
    setInterval(() => this.#round(), ROUND);
  }

  #listen() {
    this.api.addEventListener("line", () => {
      this.#tell({ online: this.api.online });
      if (this.api.online) this.#round();
    });
    this.#catalogue.addEventListener("change", () => this.#tell({ catalogue: { ...this.#catalogue.state } }));
    this.#holding.addEventListener("change", () => this.#tell({}));
    this.#versions.addEventListener("change", () => this.#tell({ update: this.#versions.state }));
    this.#queue.addEventListener("change", () => {
      this.#channel?.postMessage("queue");
      this.#recount();
    });
    this.#channel?.addEventListener("message", () => this.#recount());
  }

  // Everything that is kept fresh in the background; each part by itself, so that one that fails does not stop others.
  #round() {
    if (!this.api.online) {
      this.#recount();
      this.api.ask().catch(() => {});
      return;
    }
    const parts = [this.sync(), this.#renewLimits(), this.#refreshSettings(), this.#catalogue.refresh(), this.refreshShift(), this.#recount()];
    Promise.allSettled(parts).then(() => this.#noteSignedOut());
  }

  #noteSignedOut() {
    if (!this.api.isSignedOut) return;
    this.#members.forget();
    this.#versions.forget();
    this.#tell({});
  }

  #tell(values) {
    const problems = [];
    if (this.api.isSignedOut) problems.push({ code: "signed_out", message: this.say("signed_out") });
    if (Math.abs(this.api.skew) > SKEW_LIMIT) problems.push({ code: "clock", message: this.say("clock", { minutes: Math.round(this.api.skew / MINUTE) }) });
    if (!this.#boot.device) problems.push({ code: "no_till", message: this.say("no_till") });
    if (this.#held?.length) problems.push(...this.#held.map((each) => ({ ...each, code: "held" })));
    this.state = { ...this.state, online: this.api.online, skew: this.api.skew, ...values, problems };
    this.dispatchEvent(new Event("change"));
  }

  #held = [];
  #counting = null;
  #nextCount = null;

  // Sales come and go many at a time: while one count runs, all who ask meanwhile share the next.
  #recount() {
    if (this.#counting) return (this.#nextCount ??= this.#counting.catch(() => {}).then(() => this.#recount()));
    this.#nextCount = null;
    this.#counting = this.#count().finally(() => (this.#counting = null));
    return this.#counting;
  }

  async #count() {
    const [summary, limits] = await Promise.all([this.#queue.summary(), this.#standing.readLimits()]);
    this.#held = summary.problems;
    const unsent = unsentState({ ...summary, grant: limits?.grant ?? null, now: this.api.now() });
    this.#tell({ unsent, grant: limits?.grant ? { ...limits.grant, used: limits.used } : null });
  }

  /** A sentence of the machine in the language of the page. Amounts among the values are fen. */
  say(code, values = {}) {
    const sentence = this.#boot.texts?.[code] ?? code;
    const shown = (name) => {
      const value = values[name] ?? "";
      return /_amount$/.test(code) && Number.isInteger(value) ? (value / 100).toFixed(2) : value;
    };
    return sentence.replace(/%\((\w+)\)s/g, (_all, name) => shown(name));
  }

  #refusal({ code, values = {} }) {
    return new Refusal({ code, detail: this.say(code, values), values });
  }

  // --- settings ------------------------------------------------------------------------------------------------------
  async #refreshSettings() {
    if (await this.#standing.refreshSettings()) this.#tell({ catalogue: { ...this.#catalogue.state } });
  }

  /** {tenders, people, roundings, offers of top-ups, …} as /till/settings sends them. */
  get settings() {
    return this.#standing.settings;
  }

  async #renewLimits() {
    if (await this.#standing.renewLimits()) await this.#recount();
  }

  // --- registers and shifts ------------------------------------------------------------------------------------------
  get registers() {
    return this.#boot.registers;
  }

  async chooseRegister(id) {
    await this.#standing.chooseRegister(id);
    const { register, shift } = this.#registers;
    this.#tell({ register, shift });
    await this.refreshShift().catch(() => {});
    this.#tell({});
  }

  async refreshShift() {
    return this.#shifted(await this.#registers.refresh());
  }

  async #shifted(answer) {
    await this.#standing.keepShift();
    const { register, shift } = this.#registers;
    this.#tell({ register, shift });
    return answer;
  }

  // The register's doors as they are (registers.js); after those that change the shift, the shift is told.
  static {
    for (const name of ["openShift", "countShift", "resumeShift", "closeShift", "handOverShift"]) {
      this.prototype[name] = async function door(...values) {
        return this.#shifted(await this.#registers[name](...values));
      };
    }
    for (const name of ["moveCash", "dropCash", "openDrawer", "xReport"]) {
      this.prototype[name] = function door(...values) {
        return this.#registers[name](...values);
      };
    }
  }

  // --- goods ---------------------------------------------------------------------------------------------------------
  /** Goods by what is typed: codes alone first, then names and pinyin. */
  find(text, { limit = 20 } = {}) {
    return this.#catalogue.find(text, limit);
  }

  /** What stands in the box so far; a whole code is looked up before its Enter comes. */
  expect = (text) => this.#catalogue.expect(text);

  /** What a scan means: {kind: "good"|"piece"|"coupon"|"member"|"receipt"|"none", …}. Local first, then the server. */
  scan(code) {
    return this.#shelf.scan(code);
  }

  /** Categories as a tree in rows: [{id, name, parent_id, level, path}]. */
  groups() {
    return this.settings.categories.filter((each) => each.is_shown);
  }

  goodsOf(groupId, options) {
    return this.#catalogue.ofGroup(groupId, options);
  }

  favourites() {
    return this.#catalogue.many(this.settings.favourites);
  }

  good(id) {
    return this.#catalogue.get(id);
  }

  /** Who may be named on a line: [{id, name, number, is_present}]. */
  people() {
    return this.settings.people;
  }

  // --- customers -----------------------------------------------------------------------------------------------------
  members(text) {
    return this.#members.find(text);
  }

  memberDetail(id) {
    return this.#members.detail(id);
  }

  /** A new customer: name and phone are enough. Online only. */
  async addMember({ name = "", phone = "", ...more }) {
    const body = { store_id: this.#boot.store.id, name, phones: phone ? [{ number: phone }] : [], at_counter: true, ...more };
    const { customer, id } = await this.api.post("/customers", body);
    return this.memberDetail(customer?.id ?? id);
  }

  // --- prices --------------------------------------------------------------------------------------------------------
  /** Everything the basket names is at hand afterwards; for one that was held. */
  know(basket) {
    return this.#shelf.know(basket);
  }

  /** By the engine, at once. Throws `CannotPrice`. */
  price(basket) {
    return this.#shelf.price(basket);
  }

  /** By the server: the same numbers, or a difference to be shown. */
  quote(basket) {
    return this.api.post("/price", basketOf(this.#shelf.whole(basket), this.#boot.store.id));
  }

  // --- selling -------------------------------------------------------------------------------------------------------
  /** Why this could not be sold now without the server ({code, message}), or null; asked before money is taken. */
  refusal(basket, payments = []) {
    return this.api.online ? null : this.#selling.refusal(basket, payments);
  }

  /**
   * Sell. Written first, then sent; offline (or when nobody answers) it goes later by itself.
   * @param payments [{tender, amount, tendered_amount?, reference?}], together what is to be paid
   * @returns {uuid, sent, number, order_id, change, problem}; `problem` without `sent`: nothing was sold, mend and sell
   *   again under the same UUID; code "unconfirmed": it was sold, and the server will say so. Throws `Refusal` when the
   *   limits do not allow it offline, before anything is written.
   */
  async sell(basket, payments) {
    const result = await this.#selling.sell(basket, payments);
    this.#channel?.postMessage("queue");
    await this.#recount();
    return result;
  }

  /** A sale that a channel is paid for: `begin`, `ask`, `cancel`, `finish`, `drop` (channel.js). Online only. */
  channelSale(basket, tender) {
    return this.#selling.channelSale(basket, tender);
  }

  /** Send what is unsent now. */
  async sync() {
    await this.#sender.flush();
    await this.#recount();
    return this.state.unsent;
  }

  /** Sales the server refused are sent once more. */
  async retryHeld() {
    await this.#queue.retryHeld();
    return this.sync();
  }

  /** Unsent sales and the last acknowledged ones: [{uuid, at, sequence, order?, problem?, basket, priced, payments}]. */
  sales({ limit = 50 } = {}) {
    return this.#queue.shown(limit);
  }

  /** A password opens the file again on any till of the store. */
  exportQueue = (password) => this.#selling.exported(password);

  /** Take unsent sales from such a file and send them as they were made. Answers how many were new here. */
  async importQueue(file, password) {
    const count = await this.#selling.imported(file, password);
    await this.#recount();
    this.sync().catch(() => {});
    return count;
  }

  // --- put aside -----------------------------------------------------------------------------------------------------
  // hold(basket, name) → id; held() → [{id, at, name, basket}]; takeUp(id) and drop(id); keepOpen(basket|null) keeps what is
  // being typed in, opened() is what was open when the page went away. Doors as they are in holding.js.
  static {
    for (const name of ["hold", "held", "takeUp", "drop", "keepOpen", "opened"]) {
      this.prototype[name] = function door(...values) {
        return this.#holding[name](...values);
      };
    }
  }

  // --- goods that come back, receipts --------------------------------------------------------------------------------
  findOrder(text) {
    return this.#registers.find(text, this.#boot.store.id);
  }

  order(id) {
    return this.#registers.order(id);
  }

  previewReturn(orderId, items, policy) {
    return this.#registers.preview(orderId, items, policy);
  }

  /** With `exchange` {basket, payments}: what is taken instead, and how the difference is paid. */
  async returnGoods(values) {
    const answer = await this.#selling.giveBack(values);
    this.refreshShift().catch(() => {});
    return answer;
  }

  /** `what`: the UUID of a sale made here, or the id of an order. Of a sale the server has not yet: {kind: "local", sale}. */
  print(what, way = "network", options = {}) {
    return this.#selling.print(what, way, options);
  }

  // --- who stands here -----------------------------------------------------------------------------------------------
  /** Who may take over by PIN: [{id, name}]. */
  get takers() {
    return this.#boot.takers ?? [];
  }

  /** Somebody else takes over. What is in the basket stays. Throws `Refusal` with the server's words. */
  async switchPerson(personId, pin) {
    if (!this.api.online) throw this.#refusal({ code: "needs_line" });
    const boot = await this.api.post("/till/take-over", { person_id: personId, pin, store_id: this.#boot.store.id });
    Object.assign(this.#boot, { person: boot.person, can: boot.can, takers: boot.takers });
    this.#versions.forget();
    this.#tell({ person: boot.person });
    return boot.person;
  }

  /** Before this browser is signed out: nobody is known here any more. Unsent sales stay, sealed. */
  async forget() {
    await this.#members.forget();
    await this.#versions.forget();
  }

  /** Take the version that waits, when nothing is unsent; the page is to be loaded again then. */
  takeNewVersion() {
    return this.#versions.take();
  }
}
