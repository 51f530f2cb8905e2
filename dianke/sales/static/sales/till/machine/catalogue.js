// The goods of a store on this device: read in the background page by page, kept up to date by what changed since, found
// by code in one look-up. When the till opens, no row is read; the texts for names come a moment later.
import { CATEGORY, CODE, CODES, ID, NAME, RANK, WORDS, codesOf, compact, goodOf, isWhole, pieceOf, readWeighed, spellings } from "./goods.js";
import { openCatalogue } from "./tables.js";
import { Words, lineOf, patched } from "./words.js";

const FRESH = 2 * 60_000;
const MOST_KNOWN = 5_000;
/** Looking for names lets others go first after so long (ms). */
const SLICE = 6;
/** Rows in one transaction. */
const WRITTEN_AT_ONCE = 250;

export class Catalogue extends EventTarget {
  #db;
  #api;
  #store;
  #words = new Words();
  #known = new Map();
  #wordsRead = null;
  #working = null;
  #checkedAt = 0;
  /** Codes being looked up at this moment, the one whose Enter is still to come, and the list that was asked for last. */
  #scanning = new Set();
  #expected = null;
  #newest = null;
  categories = new Map();
  patterns = [];
  state = { count: 0, at: null, loading: null };

  constructor(db, api, store) {
    super();
    this.#db = db;
    this.#api = api;
    this.#store = store;
  }

  static async open(api, store) {
    const catalogue = new Catalogue(await openCatalogue(store.id), api, store);
    const meta = (await catalogue.#db.meta.get("state"))?.value;
    if (meta) Object.assign(catalogue.state, { count: meta.count, at: meta.at });
    return catalogue;
  }

  /** `settings` bring categories, units and the patterns of scales. */
  use(settings) {
    this.categories = new Map(settings.categories.map((each) => [each.id, each]));
    this.units = new Map(settings.units.map((each) => [each.id, each.name]));
    this.brands = settings.brands;
    this.patterns = settings.patterns;
    this.#known.clear();
  }

  close() {
    this.#db.close();
  }

  // --- finding -------------------------------------------------------------------------------------------------------
  /** What a code stands for here: {good, quantity, amount?, piece?} or null. One look-up; a label of the scale is two. */
  byCode(text) {
    const expected = this.#expected;
    this.#expected = null;
    if (expected?.code === compact(text)) return expected.working;
    const working = this.#byCode(text).finally(() => this.#scanning.delete(working));
    this.#scanning.add(working);
    return working;
  }

  /** What stands in the box is a whole barcode: it is looked up while its Enter is on the way. */
  expect(text) {
    const code = compact(text);
    if (!isWhole(code) || this.#expected?.code === code) return;
    const working = this.byCode(code);
    working.catch(() => {}); // told to whom presses Enter
    this.#expected = { code, working };
  }

  async #byCode(text) {
    const code = compact(text);
    if (!code) return null;
    const spelled = spellings(code);
    const [row, piece] = await this.#db.transaction("r", this.#db.goods, this.#db.pieces, () =>
      Promise.all([this.#rowOf(spelled), this.#db.pieces.where("codes").equals(code.toUpperCase()).first()]),
    );
    if (row) {
      const held = row.row[CODES].find(([value]) => spelled.includes(value));
      return { good: this.#good(row.row), quantity: held?.[1] ?? "1" };
    }
    if (piece) {
      const good = await this.get(piece.variant_id);
      return good && { good, quantity: "1", piece };
    }
    const label = readWeighed(code, this.patterns);
    if (!label) return null;
    const weighed = await this.#rowOf([`scale:${label.item}`, `scale:${label.item.replace(/^0+/, "")}`]);
    return weighed ? { good: this.#good(weighed.row), quantity: label.quantity ?? "1", amount: label.amount } : null;
  }

  // Each spelling is one request of its own, all at once: quicker than walking over them with a cursor.
  async #rowOf(codes) {
    const found = await Promise.all(codes.map((code) => this.#db.goods.where("codes").equals(code).first()));
    return found.find(Boolean) ?? null;
  }

  /** Barcode or code alone, else names and pinyin, the best first. Of lists (more than one wanted) only the one asked for
   * last is made: a scanner types faster than anybody reads, and what it types is looked for when it presses Enter. */
  async find(text, limit = 20) {
    const me = Symbol(text);
    if (limit > 1) this.#newest = me;
    const isOld = () => limit > 1 && this.#newest !== me;
    await pause();
    if (isOld()) return [];
    const exact = await this.#byCode(text);
    if (exact) return [{ ...exact.good, scanned: exact }];
    await this.#readWords();
    const looking = this.#words.look(text, limit);
    for (let since = performance.now(); !isOld(); ) {
      const { done, value } = looking.next();
      if (done) return this.many(value);
      if (performance.now() - since < SLICE) continue;
      // Who scans goes first.
      await pause();
      if (limit > 1) await this.#scansFirst();
      since = performance.now();
    }
    return [];
  }

  /** A good by its variant, or null. */
  async get(id) {
    return this.#known.get(id) ?? (await this.many([id]))[0] ?? null;
  }

  /** In the order of the ids; what is gone is left out. */
  async many(ids) {
    const missing = ids.filter((id) => !this.#known.has(id));
    if (missing.length) for (const row of await this.#db.goods.bulkGet(missing)) if (row) this.#good(row.row);
    return ids.map((id) => this.#known.get(id)).filter(Boolean);
  }

  /** The goods that were shown lately, for pricing without waiting. */
  get known() {
    return this.#known;
  }

  /** Goods of a category and below it, in the order of the shelf. */
  async ofGroup(groupId, { offset = 0, limit = 60 } = {}) {
    const inside = [...this.categories.values()].filter((each) => each.id === groupId || each.path?.includes(groupId)).map((each) => each.id);
    const found = [];
    let skipped = 0;
    for (const id of inside) {
      const rows = this.#db.goods.where("[group+rank]").between([id, -Infinity], [id, Infinity]);
      if (skipped < offset) {
        const count = await rows.count();
        if (skipped + count <= offset) {
          skipped += count;
          continue;
        }
      }
      const wanted = limit - found.length;
      found.push(...(await rows.offset(Math.max(offset - skipped, 0)).limit(wanted).toArray()));
      skipped = Math.max(skipped, offset);
      if (found.length >= limit) break;
    }
    return found.map((row) => this.#good(row.row));
  }

  async piece(id) {
    return (await this.#db.pieces.get(id)) ?? null;
  }

  /** Goods and pieces the server told of while online count as known here. */
  learn(rows) {
    return rows.map((row) => this.#good(row));
  }

  #good(row) {
    const kept = this.#known.get(row[ID]);
    if (kept?.row === row) return kept;
    const good = goodOf(row, this);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value);
    this.#known.set(good.id, good);
    return good;
  }

  #readWords() {
    this.#wordsRead ??= this.#readTexts();
    return this.#wordsRead;
  }

  // One after the other, and who scans goes first: all at once are tens of megabytes that everything else waits for.
  async #readTexts() {
    for (const page of await this.#db.texts.toCollection().primaryKeys()) {
      await this.#scansFirst();
      const row = await this.#db.texts.get(page);
      if (row) this.#words.set(page, row.text);
    }
  }

  // --- keeping it fresh ----------------------------------------------------------------------------------------------
  /** Read what is missing or changed; one tab at a time. Quiet when the server cannot be reached. */
  refresh({ isForced = false } = {}) {
    if (!isForced && Date.now() - this.#checkedAt < FRESH) return this.#working ?? Promise.resolve();
    this.#working ??= this.#alone(() => this.#read()).finally(() => (this.#working = null));
    return this.#working;
  }

  #alone(work) {
    if (!navigator.locks) return work();
    return navigator.locks.request(`till-goods-${this.#store.id}`, work);
  }

  async #read() {
    const kept = (await this.#db.meta.get("state"))?.value ?? null;
    let whole = !kept?.mark;
    let cursor = whole ? (kept?.cursor ?? "") : "";
    let mark = kept?.cursor ? kept.newMark : null;
    const seen = whole && !cursor ? new Set() : null;
    let count = kept?.cursor ? kept.read : 0;
    let grown = 0;
    if (whole) this.#tell({ loading: { read: count, of: kept?.of ?? null } });
    for (;;) {
      const page = await this.#api.get("/till/goods", { store_id: this.#store.id, cursor, since: whole ? null : kept.mark }, { patience: 60_000 });
      if (page.is_whole && !whole) {
        // The server cannot say what changed: everything is read again, over what is there.
        whole = true;
        cursor = "";
        await this.#db.meta.put({ key: "state", value: { ...kept, mark: null, cursor: "" } });
        return this.#read();
      }
      mark ??= page.mark;
      grown += await this.#take(page, whole);
      count += page.rows.length;
      page.rows.forEach((row) => seen?.add(row[ID]));
      cursor = page.next;
      if (!cursor) break;
      if (whole) {
        await this.#db.meta.put({ key: "state", value: { cursor, newMark: mark, read: count, of: page.count ?? null, count: kept?.count ?? 0, at: kept?.at ?? null } });
        this.#tell({ loading: { read: count, of: page.count ?? kept?.of ?? null } });
      }
    }
    if (seen) await this.#forgetOthers(seen);
    await this.#readPieces();
    this.#checkedAt = Date.now();
    // To count them is to go through them all, and scans wait meanwhile.
    const total = whole ? await this.#db.goods.count() : kept.count + grown;
    const value = { mark, count: total, at: this.#api.now() };
    await this.#db.meta.put({ key: "state", value });
    this.#tell({ count: total, at: value.at, loading: null });
  }

  async #take(page, whole) {
    if (!page.rows.length && !page.gone?.length) return 0;
    const gone = page.gone ?? [];
    const lines = [];
    await this.#readWords();
    // A scan waits for whoever works at that moment, so nobody works long. What was broken off is read again: the mark of
    // what is known comes last.
    for (let at = 0; at < page.rows.length; at += WRITTEN_AT_ONCE) {
      await pause();
      await this.#scansFirst();
      const rows = page.rows.slice(at, at + WRITTEN_AT_ONCE);
      lines.push(...rows.map((row) => ({ id: row[ID], line: lineOf({ id: row[ID], name: row[NAME], code: row[CODE], words: row[WORDS] }) })));
      await this.#db.goods.bulkPut(rows.map((row) => ({ id: row[ID], codes: codesOf(row), group: row[CATEGORY] ?? 0, rank: row[RANK], row })));
    }
    if (gone.length) await this.#db.goods.bulkDelete(gone);
    for (const row of page.rows) this.#known.delete(row[ID]);
    gone.forEach((id) => this.#known.delete(id));
    if (!whole) return this.#patch([...lines, ...gone.map((id) => ({ id, line: "" }))]);
    await this.#setText(`p${page.rows[0][ID]}`, lines.map((each) => each.line).join(""));
    return 0;
  }

  // Only pages that hold one of the changed goods are written again; new goods go to a page of their own. Answers by how
  // many the goods became more.
  async #patch(changes) {
    const left = new Map(changes.map(({ id, line }) => [id, line]));
    for (const page of this.#words.pages) {
      await pause();
      await this.#scansFirst();
      const text = patched(this.#words.get(page), left);
      if (text !== this.#words.get(page)) await this.#setText(page, text);
    }
    const added = [...left.values()].filter(Boolean);
    if (added.length) await this.#setText("new", this.#words.get("new") + added.join(""));
    const isGone = ({ id, line }) => !line && !left.has(id);
    return added.length - changes.filter(isGone).length;
  }

  async #scansFirst() {
    while (this.#scanning.size) await Promise.allSettled(this.#scanning);
  }

  async #setText(page, text) {
    this.#words.set(page, text);
    await this.#db.texts.put({ page, text });
  }

  async #forgetOthers(seen) {
    const gone = (await this.#db.goods.toCollection().primaryKeys()).filter((id) => !seen.has(id));
    if (gone.length) await this.#db.goods.bulkDelete(gone);
    const pages = new Set();
    const found = [...seen];
    for (const page of this.#words.pages) {
      const first = Number(page.slice(1));
      if (page !== "new" && seen.has(first) && found.length) pages.add(page);
    }
    for (const page of this.#words.pages.filter((each) => !pages.has(each))) {
      this.#words.set(page, "");
      await this.#db.texts.delete(page);
    }
  }

  // Single pieces of this store with what they cost by the board of the moment: few enough to be read whole.
  async #readPieces() {
    const found = [];
    for (let cursor = ""; ; ) {
      const page = await this.#api.get("/till/pieces", { store_id: this.#store.id, cursor }, { patience: 60_000 });
      found.push(...page.rows.map(pieceOf));
      cursor = page.next;
      if (!cursor) break;
    }
    const there = new Map((await this.#db.pieces.toArray()).map((piece) => [piece.id, JSON.stringify(piece)]));
    const changed = found.filter((piece) => JSON.stringify(piece) !== there.get(piece.id));
    found.forEach((piece) => there.delete(piece.id));
    await this.#scansFirst();
    if (changed.length) await this.#db.pieces.bulkPut(changed);
    if (there.size) await this.#db.pieces.bulkDelete([...there.keys()]);
  }

  #tell(values) {
    Object.assign(this.state, values);
    this.dispatchEvent(new Event("change"));
  }
}

/** What came in meanwhile (a key, an answer of the database) is heard first. */
function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
