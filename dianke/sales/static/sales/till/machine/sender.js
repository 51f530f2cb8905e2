// Brings the queue to the server: one tab at a time, batches of fifty, two on their way at most. What the server
// acknowledged leaves the queue; what got no answer is tried again later and longer; a sale that is refused steps aside
// and the others go on.
import { Refusal, Unreachable } from "./api.js";
import { verdictOf, waitOf } from "./rules.js";

const BATCH = 50;
const AT_ONCE = 2;
/** Read at a time: at the end of each reading one batch is alone on its way, and what waits is read whole. */
const ROUND = 2_000;
const LOCK = "till-sender";
const LEASE = 30_000;

export class Sender extends EventTarget {
  #queue;
  #api;
  #db;
  #timer = 0;
  #running = null;
  #id = Math.random().toString(36).slice(2);

  constructor(queue, api, db) {
    super();
    this.#queue = queue;
    this.#api = api;
    this.#db = db;
  }

  /** Send all that may be sent; answers when nothing is left to do now. */
  flush() {
    clearTimeout(this.#timer);
    this.#running ??= this.#alone(() => this.#flush()).finally(() => {
      this.#running = null;
      this.plan();
    });
    return this.#running;
  }

  /** Wake up when the next one is due. */
  async plan() {
    clearTimeout(this.#timer);
    const nextAt = await this.#queue.nextAt(Date.now());
    if (nextAt === null) return;
    clearTimeout(this.#timer); // another one planned meanwhile
    const wait = Math.max(nextAt - Date.now(), this.#api.online ? 500 : 5_000);
    this.#timer = setTimeout(() => this.flush().catch(() => {}), Math.min(wait, 60_000));
  }

  /** One sale now, for somebody who waits for the answer: {order} or {problem}, or neither when nobody answered. */
  async now(entry) {
    try {
      const [answer] = await this.#post([entry]);
      return await this.#settle(entry, answer, { isWaitedFor: true });
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
      await this.#queue.postpone([entry.uuid], waitOf(entry.tries), Date.now(), { asOffline: error instanceof Unreachable });
      this.plan();
      return error instanceof Refusal ? { problem: error.problem, isUnknown: true } : { isUnknown: true };
    }
  }

  #alone(work) {
    if (navigator.locks) return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock && work());
    return this.#leased(work);
  }

  // Browsers without Web Locks: whoever writes its name first has the queue for half a minute at a time.
  async #leased(work) {
    const take = () =>
      this.#db.transaction("rw", this.#db.meta, async () => {
        const held = (await this.#db.meta.get("sender"))?.value;
        if (held && held.id !== this.#id && held.until > Date.now()) return false;
        await this.#db.meta.put({ key: "sender", value: { id: this.#id, until: Date.now() + LEASE } });
        return true;
      });
    if (!(await take())) return null;
    const keep = setInterval(take, LEASE / 3);
    try {
      return await work();
    } finally {
      clearInterval(keep);
      await this.#db.meta.delete("sender");
    }
  }

  async #flush() {
    // While nobody answers nothing is read and opened for nothing: first a cheap question.
    if (!this.#api.online) await this.#api.ask().catch(() => {});
    if (!this.#api.online) return;
    for (;;) {
      const entries = await this.#queue.due(Date.now(), ROUND);
      if (!entries.length) return;
      const batches = [];
      for (let at = 0; at < entries.length; at += BATCH) batches.push(entries.slice(at, at + BATCH));
      const lanes = Array.from({ length: AT_ONCE }, () => this.#lane(batches));
      if ((await Promise.all(lanes)).includes(false)) return;
      this.dispatchEvent(new Event("progress"));
    }
  }

  // Takes batch after batch; false once the server cannot be reached.
  async #lane(batches) {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      try {
        const answers = await this.#post(batch);
        await this.#settleAll(batch, answers);
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
        const most = Math.max(...batch.map((entry) => entry.tries));
        await this.#queue.postpone(batch.map((entry) => entry.uuid), waitOf(most), Date.now(), { asOffline: error instanceof Unreachable });
        batches.length = 0;
        return false;
      }
    }
    return true;
  }

  async #post(entries) {
    const sales = await Promise.all(entries.map((entry) => this.#queue.bodyOf(entry)));
    const { answers } = await this.#api.post("/sales/batch", { sales, sent_at: new Date().toISOString() }, { patience: entries.length > 1 ? 120_000 : 15_000 });
    const byUuid = new Map(answers.map((answer) => [answer.uuid, answer]));
    return entries.map((entry) => byUuid.get(entry.uuid) ?? { status: 0 });
  }

  // Those that went well leave the queue together: one writing for a batch.
  async #settleAll(entries, answers) {
    const pairs = entries.map((entry, at) => ({ entry, answer: answers[at] }));
    const isDone = ({ answer }) => verdictOf(answer.status, answer.problem?.code) === "done";
    await this.#queue.acknowledge(pairs.filter(isDone).map(({ entry, answer }) => ({ uuid: entry.uuid, order: answer.order })));
    for (const { entry, answer } of pairs.filter((pair) => !isDone(pair))) await this.#settle(entry, answer);
  }

  async #settle(entry, answer, { isWaitedFor = false } = {}) {
    const problem = answer.problem ?? { code: "", message: "" };
    const verdict = verdictOf(answer.status, problem.code);
    if (verdict === "done") {
      await this.#queue.acknowledge([{ uuid: entry.uuid, order: answer.order }]);
      return { order: answer.order };
    }
    if (verdict === "again") {
      await this.#queue.postpone([entry.uuid], waitOf(entry.tries), Date.now());
      return { problem, isUnknown: true };
    }
    // Nothing stands and the customer is still here: the clerk mends the basket and sells again.
    if (isWaitedFor && !entry.tries && !entry.isOffline) {
      await this.#queue.withdraw(entry.uuid);
      return { problem };
    }
    if (await this.#queue.refused(entry.uuid, problem)) await this.#queue.acknowledge([{ uuid: entry.uuid, order: answer.order ?? null }]);
    return { problem, isUnknown: true };
  }
}
