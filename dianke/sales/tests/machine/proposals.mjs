// What the till proposes is asked beside the sale: `node proposals.mjs <folder of the machine's modules>` says what does not hold.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const { Proposals } = await import(pathToFileURL(`${process.argv[2]}/proposals.js`).href);

/** A server that says `answer`, or throws it, and what it was asked. */
function server(answer) {
  const api = { online: true, asked: [] };
  api.get = async (path, query, options) => {
    api.asked.push({ path, ...query, ...options });
    if (answer instanceof Error) throw answer;
    return { proposals: answer };
  };
  return api;
}

const boot = (more = {}) => ({ store: { id: 7 }, person: { id: 3 }, can: { propose: true }, ...more });
const ring = [{ product_id: 5, variant_id: 50, name: "戒指", reason: "…" }];

const api = server(ring);
const proposals = new Proposals(api, boot());
assert.deepEqual(await proposals.find({ customerId: 1, productIds: [9, 2, 9] }), ring);
assert.deepEqual(api.asked, [{ path: "/insight/proposals", store_id: 7, customer_id: 1, products: "2,9", count: 3, patience: 3000 }]);
await proposals.find({ customerId: 1, productIds: [2, 9] });
assert.equal(api.asked.length, 1, "the same is not asked twice");
proposals.forget();
await proposals.find({ customerId: 1, productIds: [2, 9] });
assert.equal(api.asked.length, 2, "after a sale it is asked again");

api.online = false;
assert.deepEqual(await proposals.find({ customerId: 1, productIds: [2, 9] }), [], "offline there is none, kept or not");
assert.equal(api.asked.length, 2);

assert.deepEqual(await new Proposals(server(ring), boot()).find({}), [], "nobody and nothing: nothing is asked");
assert.deepEqual(await new Proposals(server(ring), boot({ can: {} })).find({ customerId: 1 }), [], "not without the permission");
const broken = server(new Error("no answer"));
const again = new Proposals(broken, boot());
assert.deepEqual(await again.find({ customerId: 1 }), [], "no answer is no proposal");
await again.find({ customerId: 1 });
assert.equal(broken.asked.length, 2, "and is not kept");
