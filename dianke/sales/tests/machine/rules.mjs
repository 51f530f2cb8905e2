// What the till decides by itself, as a table of cases: `node rules.mjs <folder of the machine's modules>` prints the names
// of those that do not hold, and nothing when all do.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}`).href);
const rules = await load("rules.js");
const words = await load("words.js");
const goods = await load("goods.js");
const seal = await load("seal.js");
const { paysOf, shareOf } = await load("../screen/amounts.js");
const { Basket } = await load("../screen/basket.js");
const { storeTime, priceOf, itemOf, priceBasket, spreadOrder } = await load("basket.js");

const NOW = Date.parse("2026-11-21T10:00:00Z");
const hour = (count) => count * rules.HOUR;
const limits = {
  id: "g", issued_at: "2026-11-21T08:00:00Z", expires_at: "2026-11-22T08:00:00Z", warn_hours: 4, block_hours: 24,
  sale_count: 3, total_amount: 50_000, sale_amount: 30_000, points_count: 100, coupon_count: 1, wallet_amount: 2_000,
};
const tenders = {
  CASH: { name: "现金", account: "cash", adapter: "cash" },
  WALLET: { name: "储值", account: "wallet", adapter: "wallet" },
  ACCOUNT: { name: "挂账", account: "receivable", adapter: "account" },
  ONLINE: { name: "在线", account: "clearing", adapter: "gateway" },
};
const asked = ({ amount = 1_000, tender = "CASH", line = {}, basket = {}, points = 0, ...more } = {}) => ({
  basket: { lines: [{ key: "a", variant_id: 1, ...line }], coupon_ids: [], ...basket },
  priced: { paid_amount: amount, points_used: points },
  payments: [{ tender, amount }],
  tenders, device: { id: 1 }, grant: limits, used: rules.UNUSED, now: NOW, ...more,
});
const refused = (values) => rules.refusalOffline(asked(values))?.code ?? null;

const cases = {
  "what the limits allow is sold": () => assert.equal(refused(), null),
  "without a till nothing is sold offline": () => assert.equal(refused({ device: null }), "no_till"),
  "without limits nothing is sold offline": () => assert.equal(refused({ grant: null }), "no_limits"),
  "selling stops when the limits end": () => assert.equal(refused({ now: NOW + hour(22) }), "too_long"),
  "a clock set back does not make limits last": () => assert.equal(refused({ now: NOW + hour(21.9) }), null),
  "one sale may not be too large": () => assert.equal(refused({ amount: 30_001 }), "sale_amount"),
  "all sales together may not be too much": () =>
    assert.equal(refused({ amount: 20_001, used: { ...rules.UNUSED, total: 30_000 } }), "total_amount"),
  "the last sale of the count is made, the next is not": () => {
    assert.equal(refused({ used: { ...rules.UNUSED, sales: 2 } }), null);
    assert.equal(refused({ used: { ...rules.UNUSED, sales: 3 } }), "sale_count");
  },
  "points beyond the limit are refused": () => assert.equal(refused({ points: 101 }), "points_count"),
  "a second coupon is refused": () => assert.equal(refused({ basket: { coupon_ids: [1, 2] } }), "coupon_count"),
  "stored value beyond the limit is refused": () => assert.equal(refused({ amount: 2_001, tender: "WALLET" }), "wallet_amount"),
  "debts and channels need the server": () => {
    assert.equal(refused({ tender: "ACCOUNT" }), "on_account");
    assert.equal(refused({ tender: "ONLINE" }), "channel");
    assert.equal(refused({ tender: "GONE" }), "tender");
  },
  "prepaid value and sessions need the server": () => {
    assert.equal(refused({ line: { kind: "TOP_UP" } }), "prepaid");
    assert.equal(refused({ line: { session_card_id: 4 } }), "sessions");
  },
  "prices by hand are for who may set them": () => {
    assert.equal(refused({ line: { discount_amount: 5 } }), "hand_prices");
    assert.equal(refused({ line: { discount_amount: 5 }, can: { change_prices: true } }), null);
  },
  "unsent sales warn after four hours and stop after a day": () => {
    const at = (hours) => rules.unsentState({ count: 2, oldestAt: NOW - hour(hours), grant: null, now: NOW });
    assert.deepEqual([at(3.9).warning, at(4).warning, at(4).blocked, at(24).blocked], [false, true, false, true]);
    assert.equal(rules.unsentState({ count: 0, oldestAt: null, grant: null, now: NOW }).warning, false);
  },
  "tries come later and later, but within five minutes": () => {
    assert.equal(rules.waitOf(0, 1), 2_000);
    assert.equal(rules.waitOf(3, 0), 8_000);
    assert.equal(rules.waitOf(50, 1), 300_000);
  },
  "a clock is wrong beyond what the second of the header and the way explain": () => {
    const skew = (ahead, way) => rules.skewOf({ sentAt: NOW + ahead, receivedAt: NOW + ahead + way, serverAt: NOW });
    assert.equal(skew(600, 200), 0);
    assert.ok(Math.abs(skew(600_000, 200) - 600_000) < 1_000);
    assert.ok(Math.abs(skew(-600_000, 200) + 600_000) < 1_000);
    assert.equal(rules.skewOf({ sentAt: 1, receivedAt: 2, serverAt: NaN }), null);
  },
  "only a named refusal ends a sale": () => {
    assert.equal(rules.verdictOf(201), "done");
    assert.equal(rules.verdictOf(422, "not_for_sale"), "refused");
    for (const status of [0, 401, 403, 429, 500, 503]) assert.equal(rules.verdictOf(status, "any"), "again");
  },
  "what stands under our own UUID is ours": () => {
    const entry = { triedOnline: true, isOffline: true, canBeOffline: true };
    assert.equal(rules.afterRefusal(entry, "sale_differs"), "done");
    assert.equal(rules.afterRefusal({ ...entry, isOffline: false }, "sale_price_changed"), "as_offline");
    assert.equal(rules.afterRefusal({ ...entry, triedOnline: false }, "sale_differs"), "hold");
    assert.equal(rules.afterRefusal(entry, "not_for_sale"), "hold");
  },
  "the signed text of limits is read": () => {
    const text = Buffer.from(JSON.stringify({ id: "x", name: "西湖" })).toString("base64url");
    assert.deepEqual(rules.readGrant(`${text}:signature`), { id: "x", name: "西湖" });
    assert.equal(rules.readGrant("nonsense"), null);
  },
  "the clock of the store has its own offset": () => {
    assert.equal(storeTime(Date.parse("2026-11-13T15:00:00.900Z"), "Asia/Shanghai"), "2026-11-13T23:00:00+08:00");
    assert.equal(storeTime(Date.parse("2026-07-13T15:00:00Z"), "America/St_Johns"), "2026-07-13T12:30:00-02:30");
  },
  "a quantity takes the last step it reaches": () => {
    const good = { amount: 100, tiers: { vip: 90 }, steps: [["10", 80, null], ["100", 70, { vip: 60 }]] };
    assert.deepEqual(priceOf(good, 99_999, "vip"), { amount: 100, member: 90 });
    assert.deepEqual(priceOf(good, 100_000, "vip"), { amount: 80, member: null });
    assert.deepEqual(priceOf(good, 1_000_000, "vip"), { amount: 70, member: 60 });
    assert.deepEqual(priceOf(good, 1_000_000, ""), { amount: 70, member: null });
  },
  "the people of a line share all of it": () => {
    const item = itemOf({ key: "a", variant_id: 1, quantity: 1, people: [7, 8, 9] });
    assert.deepEqual(item.people.map((each) => each.share_bp), [3334, 3333, 3333]);
  },
  "what is taken off the whole order falls on goods that may cost less": () => {
    const good = (id, amount) => [id, { id, product_id: id, amount, name: String(id), category_ids: [], brand_id: null, tax_rate_bp: 0 }];
    const world = {
      goods: new Map([good(1, 10_000), good(2, 5_000), good(3, 0)]), pieces: new Map([[7, { id: 7, amount: 80_000, is_priced_by_day: true }]]),
      settings: { promotions: [] }, store: { id: 1, currency: "CNY", time_zone: "Asia/Shanghai" }, detail: null, at: NOW,
    };
    const lines = [
      { key: "a", variant_id: 1, quantity: "2" }, { key: "b", variant_id: 2, quantity: "1", discount_amount: 1_000, reason: "脏" },
      { key: "ring", variant_id: 3, piece_id: 7, quantity: "1" }, { key: "card", kind: "TOP_UP", amount: 50_000 }, { key: "fee", kind: "FEE", amount: 600 },
    ];
    const sold = (order_off) => spreadOrder({ lines, order_off }, world);
    const off = (basket) => basket.lines.map((line) => line.discount_amount ?? 0);
    assert.deepEqual(off(sold({ pays_bp: 9_000, reason: "老顾客" })), [2_000, 1_400, 0, 0, 0]);
    assert.deepEqual(sold({ pays_bp: 9_000, reason: "老顾客" }).lines.map((line) => line.reason), ["老顾客", "脏", undefined, undefined, undefined]);
    assert.deepEqual(off(sold({ amount: 1_201, reason: "抹零" })), [1_001, 1_200, 0, 0, 0]);
    assert.deepEqual(off(sold({ amount: 10 ** 9, reason: "送" })), [20_000, 5_000, 0, 0, 0]);
    assert.equal(priceBasket(sold({ amount: 1_201, reason: "抹零" }), world).paid_amount, 20_000 + 4_000 - 1_201 + 80_000 + 50_000 + 600);
    assert.equal(sold(null).order_off, undefined);
    const limited = asked({ can: {} });
    assert.equal(rules.refusalOffline({ ...limited, basket: sold({ amount: 100, reason: "抹零" }) }).code, "hand_prices");
  },
  "a share is read as a shop says it": () => {
    assert.deepEqual(["9", "90", "8.8", "88", "88.5", " 95 "].map(paysOf), [9_000, 9_000, 8_800, 8_800, 8_850, 9_500]);
    assert.deepEqual(["", "0", "100", "8.85", "-9", "九"].map(paysOf), [null, null, null, null, null, null]);
    assert.deepEqual([9_000, 8_800, 8_850, 9_500].map(shareOf), ["9", "88", "88.5", "95"]);
  },
  "what is topped up counts together against cash, cards do not": () => {
    const basket = new Basket();
    const topUp = (amount) => { basket.shown[basket.add({ id: null, amount }, { more: { kind: "TOP_UP", amount } }).key].cashBelow = 100_000; };
    assert.equal(basket.toppedUp.isOverCash, false);
    topUp(60_000);
    basket.add({ id: null, amount: 500_000 }, { more: { kind: "CARD", amount: 500_000 } });
    assert.deepEqual(basket.toppedUp, { amount: 60_000, below: 100_000, isOverCash: false });
    topUp(40_000);
    assert.deepEqual(basket.toppedUp, { amount: 100_000, below: 100_000, isOverCash: true });
  },
  "names are found by fragment, code, pinyin and initials, the best first": () => {
    const shelf = new words.Words();
    const rows = [
      { id: 1, name: "羊毛围巾 红", code: "WJ-1", words: "yangmaoweijinhong ymwjh" },
      { id: 2, name: "围巾", code: "WJ-2", words: "weijin wj" },
      { id: 3, name: "帽子", code: "MZ-1", words: "maozi mz" },
    ];
    shelf.set("p1", rows.map(words.lineOf).join(""));
    assert.deepEqual(shelf.find("围巾"), [2, 1]);
    assert.deepEqual(shelf.find("羊毛 红"), [1]);
    assert.deepEqual(shelf.find("ymwj"), [1]);
    assert.deepEqual(shelf.find("mz-1"), [3]);
    assert.deepEqual(shelf.find("maoz"), [3]);
    assert.deepEqual(shelf.find("裤"), []);
    const changes = new Map([[2, ""], [3, words.lineOf({ id: 3, name: "草帽", code: "MZ-1", words: "caomao cm" })], [12, "not here"]]);
    shelf.set("p1", words.patched(shelf.get("p1"), changes));
    assert.deepEqual(shelf.find("围巾"), [1]);
    assert.deepEqual(shelf.find("草帽"), [3]);
    assert.deepEqual([...changes.keys()], [12]);
    assert.equal(words.patched(shelf.get("p1"), changes), shelf.get("p1"));
  },
  "many changes of a page cost one walk through it": () => {
    const line = (id, name) => words.lineOf({ id, name, code: `C-${id}`, words: "" });
    const ids = Array.from({ length: 5_000 }, (_, at) => at + 1);
    const page = ids.map((id) => line(id, `旧名${id}`)).join("");
    const changes = new Map(ids.map((id) => [id, id % 2 ? line(id, `新名${id}`) : ""]));
    const began = performance.now();
    const found = words.patched(page, changes);
    assert.ok(performance.now() - began < 250);
    assert.equal(found, ids.filter((id) => id % 2).map((id) => line(id, `新名${id}`)).join(""));
    assert.equal(changes.size, 0);
  },
  "a barcode is whole with its check digit, and only then": () => {
    assert.ok(["6901234567892", "012345678905", "96385074"].every(goods.isWhole));
    assert.ok(["6901234567893", "690123456789", "9638507", "690123456789X", ""].every((code) => !goods.isWhole(code)));
  },
  "a file opens with its password and with no other": async () => {
    const file = await seal.sealFile({ sales: [{ uuid: "x" }] }, "正确的密码", 1_000);
    const text = await file.text();
    assert.ok(!text.includes("uuid"));
    assert.deepEqual(await seal.openFile(file, "正确的密码"), { sales: [{ uuid: "x" }] });
    await assert.rejects(seal.openFile(file, "falsch"), { code: "password" });
    await assert.rejects(seal.openFile(new Blob(["{}"]), "x"), { code: "not_ours" });
  },
  "a key that cannot be read opens what it sealed": async () => {
    const key = await seal.newKey();
    assert.equal(key.extractable, false);
    const sealed = await seal.seal(key, { name: "王小明" });
    assert.deepEqual(await seal.unseal(key, sealed), { name: "王小明" });
    await assert.rejects(seal.unseal(await seal.newKey(), sealed));
  },
  "a top-up gives by the highest step reached, repeating as often as it is in it"() {
    const steps = [{ paid_amount: 50_000, given_amount: 5_000 }, { paid_amount: 100_000, given_amount: 15_000 }];
    const once = { steps, is_repeating: false };
    assert.deepEqual([49_999, 50_000, 99_999, 250_000].map((paid) => rules.givenFor(once, paid)), [0, 5_000, 5_000, 15_000]);
    assert.equal(rules.givenFor({ steps, is_repeating: true }, 250_000), 30_000);
    assert.equal(rules.givenFor({ steps: [], is_repeating: true }, 250_000), 0);
  },
};

for (const [name, holds] of Object.entries(cases)) {
  try {
    await holds();
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}
