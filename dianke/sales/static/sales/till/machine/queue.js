// The sales of this till until the server has acknowledged them. A sale gets its number and is written in one
// transaction, before anything is sent; it leaves the queue for the history only with the server's answer.
import { HISTORY } from "./tables.js";
import { UNUSED, afterRefusal, plus, readGrant, refusalOffline, weightOf } from "./rules.js";

/** Entries another call of this till is sending this very moment are left alone for so long (ms). */
export const CLAIM = 20_000;

/**
 * An entry in the table: {uuid, device, sequence, state: "waiting"|"held", at, tries, nextAt, claimedUntil, isOffline,
 * triedOnline, canBeOffline, weight, problem, sealed}; `sealed` opens to {body, sold, shown}.
 */
export class Queue extends EventTarget {
  #db;
  #vault;

  constructor(db, vault) {
    super();
    this.#db = db;
    this.#vault = vault;
  }

  /** The limits this till has now: {token, grant, used}; null without. */
  async limits() {
    const kept = (await this.#db.meta.get("grant"))?.value;
    if (!kept) return null;
    const used = (await this.#db.meta.get(`used:${kept.grant.id}`))?.value ?? UNUSED;
    return { ...kept, used };
  }

  /** Keep new limits; of each store of goods there is one till, and it counts what it sold under each. */
  async setLimits(token) {
    const grant = readGrant(token);
    if (grant) await this.#db.meta.put({ key: "grant", value: { token, grant } });
    return grant;
  }

  /** The server says which number comes next at least: a browser that was wiped does not begin at one again. */
  async setNextNumber(deviceId, next) {
    await this.#db.transaction("rw", this.#db.meta, async () => {
      const kept = (await this.#db.meta.get(`sequence:${deviceId}`))?.value ?? 1;
      if (next > kept) await this.#db.meta.put({ key: `sequence:${deviceId}`, value: next });
    });
  }

  /**
   * Write a sale. Offline it is held against the limits in the same transaction, so that two tabs cannot both use the
   * last of them. Throws `Refused` and writes nothing when they do not allow it.
   * @returns the entry, with its number
   */
  async write({ body, sold, shown, basket, priced, payments, tenders, device, isOffline, now, can }) {
    const sealed = await this.#vault.seal({ body, sold, shown });
    const weight = weightOf(basket, priced, payments, tenders);
    return this.#db.transaction("rw", this.#db.meta, this.#db.queue, this.#db.history, async () => {
      const standing = (await this.#db.queue.get(body.uuid)) ?? (await this.#db.history.get(body.uuid));
      if (standing) return { ...standing, isStanding: true };
      const limits = await this.limits();
      const checked = { basket, priced, payments, tenders, device, grant: limits?.grant, used: limits?.used, now, can };
      const refusal = refusalOffline(checked);
      if (isOffline && refusal) throw new Refused(refusal);
      if (isOffline) await this.#count(limits.grant, weight);
      const entry = {
        uuid: body.uuid,
        device: device?.id ?? null,
        sequence: device ? await this.#nextNumber(device.id) : null,
        state: "waiting",
        at: now,
        tries: 0,
        nextAt: 0,
        claimedUntil: isOffline ? 0 : Date.now() + CLAIM,
        isOffline,
        triedOnline: !isOffline,
        canBeOffline: Boolean(device && limits),
        isAllowedOffline: !refusal,
        token: isOffline ? limits.token : "",
        weight,
        problem: null,
        sealed,
      };
      await this.#db.queue.add(entry);
      return entry;
    });
  }

  async #nextNumber(deviceId) {
    const key = `sequence:${deviceId}`;
    const number = (await this.#db.meta.get(key))?.value ?? 1;
    await this.#db.meta.put({ key, value: number + 1 });
    return number;
  }

  async #count(grant, weight) {
    const key = `used:${grant.id}`;
    const used = (await this.#db.meta.get(key))?.value ?? UNUSED;
    await this.#db.meta.put({ key, value: plus(used, weight) });
  }

  /** What is sent for an entry. */
  async bodyOf(entry) {
    const { body, sold } = await this.#vault.open(entry.sealed);
    const sent = { ...body, device_id: entry.device, device_sequence: entry.sequence };
    if (!entry.isOffline) return sent;
    const amounts = new Map(sold);
    const items = body.items.map((item) => ({ ...item, sold_amount: amounts.get(item.key) ?? item.sold_amount }));
    return { ...sent, items, is_offline: true, grant_token: entry.token, expected_amount: null };
  }

  /** What the till shows and prints of a sale that is not with the server, or lately was. */
  async shownOf(uuid) {
    const entry = (await this.#db.queue.get(uuid)) ?? (await this.#db.history.get(uuid));
    if (!entry) return null;
    const { shown, body } = await this.#vault.open(entry.sealed);
    const { sealed: _sealed, ...known } = entry;
    return { ...known, ...shown, body };
  }

  /** Entries that may be sent now, in the order of their numbers. */
  async due(now, most) {
    const rows = await this.#db.queue.orderBy("at").toArray();
    return rows
      .filter((each) => each.state === "waiting" && each.nextAt <= now && each.claimedUntil <= now)
      .sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || a.at - b.at)
      .slice(0, most);
  }

  async all() {
    const rows = await this.#db.queue.orderBy("at").toArray();
    return rows.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  }

  /** Unsent and the last acknowledged ones, the newest first, opened. */
  async shown(limit) {
    const done = await this.#db.history.orderBy("at").reverse().limit(limit).toArray();
    const rows = [...(await this.all()).reverse(), ...done].slice(0, limit);
    return Promise.all(rows.map((row) => this.shownOf(row.uuid)));
  }

  /** {count, broken, oldestAt, problems} without reading the sales that wait. */
  async summary() {
    const { queue } = this.#db;
    const [count, broken, oldest, held] = await this.#db.transaction("r", queue, () =>
      Promise.all([queue.count(), queue.where("state").notEqual("waiting").count(), queue.orderBy("at").first(), queue.where("state").equals("held").sortBy("at")]),
    );
    const problems = held.filter((each) => each.problem).map(({ uuid, sequence, at, problem }) => ({ uuid, sequence, at, ...problem }));
    return { count, broken, oldestAt: oldest?.at ?? null, problems };
  }

  /** When the next one is due (ms), null when none waits. One that is due already ends the looking. */
  async nextAt(now) {
    let next = null;
    const waiting = this.#db.queue.where("state").equals("waiting");
    await waiting.until(() => next !== null && next <= now).each((entry) => {
      const at = Math.max(entry.nextAt, entry.claimedUntil);
      next = next === null ? at : Math.min(next, at);
    });
    return next;
  }

  /** The server has these: out of the queue and into the history, which keeps the last of them. `done`: [{uuid, order}]. */
  async acknowledge(done) {
    const orders = new Map(done.map(({ uuid, order }) => [uuid, order]));
    await this.#db.transaction("rw", this.#db.queue, this.#db.history, async () => {
      const entries = (await this.#db.queue.bulkGet([...orders.keys()])).filter(Boolean);
      if (!entries.length) return;
      await this.#db.history.bulkPut(entries.map(({ uuid, at, sequence, isOffline, sealed }) => ({ uuid, at, sequence, isOffline, order: orders.get(uuid), sealed })));
      await this.#db.queue.bulkDelete(entries.map(({ uuid }) => uuid));
      const over = (await this.#db.history.count()) - HISTORY;
      if (over > 0) await this.#db.history.bulkDelete(await this.#db.history.orderBy("at").limit(over).primaryKeys());
    });
    this.#changed();
  }

  /** A sale somebody is looking at was refused and does not stand: it was no sale. Its number is free again when it was
   * the last one; else the server misses it and says so. */
  async withdraw(uuid) {
    await this.#db.transaction("rw", this.#db.queue, this.#db.meta, async () => {
      const entry = await this.#db.queue.get(uuid);
      if (!entry) return;
      await this.#db.queue.delete(uuid);
      if (entry.sequence === null) return;
      const key = `sequence:${entry.device}`;
      const next = (await this.#db.meta.get(key))?.value ?? 1;
      if (next === entry.sequence + 1) await this.#db.meta.put({ key, value: entry.sequence });
    });
    this.#changed();
  }

  /** Nobody knows whether it arrived: it waits `wait` ms. From now on, where the limits allow it, it is a sale made
   * offline: what it was sold for stands, and if it did arrive the server answers with it. */
  async postpone(uuids, wait, now, { asOffline = false } = {}) {
    await this.#db.transaction("rw", this.#db.queue, this.#db.meta, async () => {
      for (const uuid of uuids) {
        const entry = await this.#db.queue.get(uuid);
        if (!entry) continue;
        const change = { tries: entry.tries + 1, nextAt: now + wait, claimedUntil: 0 };
        if (asOffline && !entry.isOffline && entry.isAllowedOffline) Object.assign(change, await this.#madeOffline(entry));
        await this.#db.queue.update(uuid, change);
      }
    });
    this.#changed();
  }

  async #madeOffline(entry) {
    const limits = await this.limits();
    if (!limits || !entry.device) return {};
    await this.#count(limits.grant, entry.weight);
    return { isOffline: true, token: limits.token };
  }

  /** The server refused a paid sale. It is never thrown away: tried once more as sold offline, or held for a person.
   * @returns whether the server has it after all */
  async refused(uuid, problem) {
    let settled = false;
    await this.#db.transaction("rw", this.#db.queue, this.#db.meta, async () => {
      const entry = await this.#db.queue.get(uuid);
      if (!entry) return;
      const next = afterRefusal(entry, problem.code);
      if (next === "done") {
        settled = true;
        return;
      }
      const made = next === "as_offline" ? await this.#madeOffline(entry) : {};
      const change = made.isOffline ? { ...made, nextAt: 0 } : { state: "held", problem };
      await this.#db.queue.update(uuid, { ...change, claimedUntil: 0 });
    });
    this.#changed();
    return settled;
  }

  /** Send those that are held once more. */
  async retryHeld() {
    await this.#db.queue.where("state").equals("held").modify({ state: "waiting", problem: null, nextAt: 0, tries: 0 });
    await this.#db.queue.where("state").equals("waiting").modify({ nextAt: 0 });
    this.#changed();
  }

  /** Everything unsent, opened, for a file sealed with a password. */
  async exported() {
    const sales = [];
    for (const entry of await this.all()) {
      const { sealed: _sealed, ...known } = entry;
      sales.push({ ...known, content: await this.#vault.open(entry.sealed) });
    }
    return sales;
  }

  /** Sales from such a file, as they were; those that are here already stay. Answers how many came. */
  async imported(sales) {
    let count = 0;
    for (const { content, ...entry } of sales) {
      const sealed = await this.#vault.seal(content);
      const added = await this.#db.transaction("rw", this.#db.queue, this.#db.history, async () => {
        if ((await this.#db.queue.get(entry.uuid)) || (await this.#db.history.get(entry.uuid))) return 0;
        await this.#db.queue.add({ ...entry, state: "waiting", nextAt: 0, claimedUntil: 0, sealed });
        return 1;
      });
      count += added;
    }
    this.#changed();
    return count;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The limits do not allow it; `code` and `values` name the sentence. */
export class Refused extends Error {
  constructor({ code, values }) {
    super(code);
    Object.assign(this, { code, values });
  }
}
