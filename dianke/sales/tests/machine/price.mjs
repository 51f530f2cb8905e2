// Prices a basket as the till does, out of what the server sent it: one JSON in, the answer out.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { priceBasket } = await import(pathToFileURL(`${process.argv[2]}/basket.js`).href);
const { goodOf } = await import(pathToFileURL(`${process.argv[2]}/goods.js`).href);
const given = JSON.parse(readFileSync(0, "utf8"));
const categories = new Map(given.settings.categories.map((each) => [each.id, each]));
const goods = new Map(given.rows.map((row) => [row[0], goodOf(row, { categories, units: new Map() })]));
process.stdout.write(JSON.stringify(priceBasket(given.basket, { ...given, goods, pieces: new Map() })));
