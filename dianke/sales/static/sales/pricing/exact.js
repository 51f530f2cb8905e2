// The arithmetic of the engine: whole minor units and ten-thousandths of a unit of quantity. Products that do not fit
// into 53 bits are worked out as BigInt; nothing is ever a fraction. The same functions as rules/pricing/exact.py.

export const WHOLE_BP = 10000;
export const UNIT = 10000;
export const NO_LIMIT = 2 ** 40;

/** Whole quotient of two whole numbers that are not negative. */
export function div(a, b) {
  return (a - (a % b)) / b;
}

export function ceilDiv(a, b) {
  return div(a + b - 1, b);
}

/** a × b ÷ c rounded, halves up. */
export function halfUp(a, b, c) {
  if (2 * a * b + c <= Number.MAX_SAFE_INTEGER) return div(2 * a * b + c, 2 * c);
  const whole = BigInt(c);
  return Number((2n * BigInt(a) * BigInt(b) + whole) / (2n * whole));
}

/** a × b ÷ c rounded down. */
export function floorOf(a, b, c) {
  if (a * b <= Number.MAX_SAFE_INTEGER) return div(a * b, c);
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** a × b ÷ c rounded up. */
export function ceilOf(a, b, c) {
  if (a * b + c <= Number.MAX_SAFE_INTEGER) return ceilDiv(a * b, c);
  const whole = BigInt(c);
  return Number((BigInt(a) * BigInt(b) + whole - 1n) / whole);
}

export function atShare(amount, paysBp) {
  return halfUp(amount, paysBp, WHOLE_BP);
}

/** The price of `part` out of `whole` pieces (or ten-thousandths) that cost `amount` together. */
export function partOf(amount, part, whole) {
  return part === whole ? amount : halfUp(amount, part, whole);
}

/** "0.485" as 4850. */
export function tenThousandths(quantity) {
  const text = String(quantity);
  const [whole, decimals = ""] = text.split(".");
  const found = Number(whole) * UNIT + Number(decimals.slice(0, 4).padEnd(4, "0"));
  if (!/^\d+(\.\d+)?$/.test(text) || /[1-9]/.test(decimals.slice(4)) || found <= 0) {
    throw new RangeError(`a quantity is above zero and has at most four decimals, not ${quantity}`);
  }
  return found;
}

/** Largest remainder: `total` whole units in proportion to `weights`, the earlier position first where equal. */
export function allocateUnits(total, weights) {
  const whole = sum(weights);
  const shares = whole ? weights : weights.map(() => 1);
  const divisor = whole || weights.length;
  const isSmall = total * Math.max(...shares) <= Number.MAX_SAFE_INTEGER;
  const rests = [];
  const parts = shares.map((share, position) => {
    if (isSmall) {
      rests[position] = (total * share) % divisor;
      return div(total * share, divisor);
    }
    const product = BigInt(total) * BigInt(share);
    rests[position] = Number(product % BigInt(divisor));
    return Number(product / BigInt(divisor));
  });
  const left = total - sum(parts);
  if (left) {
    const byRest = parts.map((_part, position) => position).sort((a, b) => rests[b] - rests[a]);
    for (const position of byRest.slice(0, left)) parts[position] += 1;
  }
  return parts;
}

/** The same discounts (Map by position), made smaller in proportion so that they are no more than `most` together. */
export function capped(offs, most) {
  if (sum(offs.values()) <= most) return offs;
  return shared(most, [...offs.keys()], [...offs.values()]);
}

/** `total` over the lines at `positions` in proportion to their amounts; never more than the sum of these. */
export function spread(total, positions, amounts) {
  const weights = positions.map((position) => amounts[position]);
  const most = Math.min(total, sum(weights));
  return most > 0 ? shared(most, positions, weights) : new Map();
}

function shared(total, positions, weights) {
  const found = new Map();
  allocateUnits(total, weights).forEach((share, number) => {
    if (share) found.set(positions[number], share);
  });
  return found;
}

export function sum(numbers) {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

export function sumAt(amounts, positions) {
  let total = 0;
  for (const position of positions) total += amounts[position];
  return total;
}
