// What only works with the server: shifts and cash of the register, orders that come back, receipts on its printer.
// Offline each says so instead of failing.
import { Refusal } from "./api.js";
import { newUuid } from "./ids.js";

const MOST_FOUND = 20;

export class Registers {
  #api;
  #say;
  register = null;
  shift = null;

  /** `say(code)` gives the sentence of a refusal. */
  constructor(api, say) {
    this.#api = api;
    this.#say = say;
  }

  #online() {
    if (!this.#api.online) throw new Refusal({ code: "needs_line", detail: this.#say("needs_line") });
  }

  #atRegister() {
    this.#online();
    if (!this.register) throw new Refusal({ code: "no_register", detail: this.#say("no_register") });
    return this.register.id;
  }

  #running() {
    this.#online();
    if (!this.shift) throw new Refusal({ code: "no_shift", detail: this.#say("no_shift") });
    return this.shift.id;
  }

  /** The running shift, or null. */
  async refresh() {
    if (!this.register || !this.#api.online) return this.shift;
    try {
      this.shift = await this.#api.get(`/registers/${this.register.id}/shifts/running`);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error;
      this.shift = null;
    }
    return this.shift;
  }

  // --- shifts --------------------------------------------------------------------------------------------------------
  /** `pieces`: value of a note or coin in fen → how many; `is_empty` says that there are none. */
  async openShift({ pieces, from_safe_amount = null, reason = "", is_empty = false }) {
    this.shift = await this.#api.post(`/registers/${this.#atRegister()}/shifts`, { pieces, from_safe_amount, reason, is_empty });
    return this.shift;
  }

  async countShift({ pieces }) {
    this.shift = await this.#api.post(`/shifts/${this.#running()}/count`, { pieces });
    return this.shift;
  }

  async resumeShift() {
    this.shift = await this.#api.post(`/shifts/${this.#running()}/resume`);
    return this.shift;
  }

  async closeShift({ left_amount, reason = "" }) {
    const closed = await this.#api.post(`/shifts/${this.#running()}/close`, { left_amount, reason });
    this.shift = null;
    return closed;
  }

  async handOverShift({ pieces, successor_id, reason = "" }) {
    this.shift = await this.#api.post(`/shifts/${this.#running()}/hand-over`, { pieces, successor_id, reason });
    return this.shift;
  }

  moveCash({ kind, amount, reason, reference = newUuid() }) {
    return this.#api.post(`/shifts/${this.#running()}/cash-movements`, { kind, amount, reason, reference });
  }

  dropCash({ amount, reason = "", reference = newUuid() }) {
    return this.#api.post(`/shifts/${this.#running()}/drops`, { amount, reason, reference });
  }

  openDrawer({ reason }) {
    return this.#api.post(`/shifts/${this.#running()}/drawer-openings`, { reason });
  }

  xReport() {
    return this.#api.get(`/shifts/${this.#running()}/x-report`);
  }

  // --- goods that come back ------------------------------------------------------------------------------------------
  /** Orders by number, by what the code on a receipt holds, or the latest of a customer. */
  async find(text, storeId) {
    this.#online();
    const { orders } = await this.#api.get("/till/orders", { store_id: storeId, q: text, limit: MOST_FOUND });
    return orders;
  }

  order(id) {
    this.#online();
    return this.#api.get(`/orders/${id}`);
  }

  /** `items`: [{line_id, quantity, is_restocked}]. */
  preview(orderId, items, policy = "RECOMPUTE") {
    this.#online();
    return this.#api.post(`/orders/${orderId}/return-preview`, { items, policy });
  }

  giveBack(values) {
    this.#online();
    return this.#api.post("/returns", { register_id: this.register?.id ?? null, shift_id: this.shift?.id ?? null, ...values });
  }

  // --- receipts ------------------------------------------------------------------------------------------------------
  /** On the register's printer ("network"), as bytes for a printer here ("bytes"), or as a page ("pdf"). */
  print(orderId, way, { opens_drawer = false } = {}) {
    this.#online();
    if (way === "pdf") return this.#api.get(`/orders/${orderId}/receipt`, {}, { raw: true });
    const body = { register_id: this.#atRegister(), opens_drawer };
    if (way === "bytes") return this.#api.post(`/orders/${orderId}/receipt-bytes`, body, { raw: true });
    return this.#api.post(`/orders/${orderId}/receipt-prints`, body);
  }
}
