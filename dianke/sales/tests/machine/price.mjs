// Prices a basket as the till does, out of what the server sent it: one JSON in, the answer out.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { priceBasket, spreadOrder } = await import(pathToFileURL(`${process.argv[2]}/basket.js`).href);
const { goodOf } = await import(pathToFileURL(`${process.argv[2]}/goods.js`).href);
const given = JSON.parse(readFileSync(0, "utf8"));
const categories = new Map(given.settings.categories.map((each) => [each.id, each]));
const goods = new Map(given.rows.map((row) => [row[0], goodOf(row, { categories, units: new Map() })]));
const world = { ...given, goods, pieces: new Map() };
const whole = spreadOrder(given.basket, world);
process.stdout.write(JSON.stringify({ ...priceBasket(whole, world), sold: whole.lines }));
