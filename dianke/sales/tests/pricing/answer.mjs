// Prices carts for the tests: one JSON cart a line in, one JSON answer a line out, in one process for thousands of them.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { priceCart } = await import(pathToFileURL(process.argv[2]).href);

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = priceCart(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
