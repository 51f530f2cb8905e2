// The two databases of the till in IndexedDB. What was sold and is not with the server yet lies in one of its own, so
// that nothing that happens to the copy of the catalogue (one per store, dropped and read anew at will) touches it.
import { Dexie } from "../../../vendor/till/dexie.js";
import { canSeal, newKey, seal, unseal } from "./seal.js";

/** Also the service worker's: it asks whether `queue` is empty before it takes a new version. */
export const KEEP = "till-keep";
export const HISTORY = 200;

/**
 * meta: key → value (`sequence:<device>`, `used:<grant>`, `grant`, `boot`, `settings:<store>`, `key`).
 * queue: sales that the server has not acknowledged. history: the last ones it has. held: baskets put aside.
 * members: met lately. Whatever says something of people or purchases is in `sealed`.
 */
export async function openKeep() {
  // Strict: a sale counts as written when it is on the disk, not when the browser has it in hand.
  const db = new Dexie(KEEP, { chromeTransactionDurability: "strict" });
  db.version(1).stores({ meta: "key", queue: "uuid, at, state", history: "uuid, at", held: "id, at", members: "id, at" });
  await db.open();
  if (navigator.storage?.persist) navigator.storage.persist().catch(() => false);
  return db;
}

/** goods: row arrays by variant, found by `codes`, listed by `[group+rank]`. texts: search texts by page of the catalogue. */
export async function openCatalogue(storeId) {
  const db = new Dexie(`till-goods-${storeId}`);
  db.version(1).stores({ goods: "id, *codes, [group+rank]", texts: "page", pieces: "id, *codes", meta: "key" });
  await db.open();
  return db;
}

/** Seals and opens with the key of this browser; without WebCrypto `keeps` is false and nothing personal may be kept. */
export class Vault {
  static async open(db) {
    const vault = new Vault();
    if (!canSeal()) return vault;
    vault.key = (await db.meta.get("key"))?.value;
    if (!vault.key) {
      const made = await newKey();
      // Of two tabs that both made one, the first counts.
      vault.key = await db.transaction("rw", db.meta, async () => {
        const there = await db.meta.get("key");
        if (!there) await db.meta.put({ key: "key", value: made });
        return there?.value ?? made;
      });
    }
    return vault;
  }

  get keeps() {
    return Boolean(this.key);
  }

  async seal(value) {
    return this.key ? seal(this.key, value) : { plain: value };
  }

  async open(sealed) {
    return "plain" in sealed ? sealed.plain : unseal(this.key, sealed);
  }
}
