// Finding goods by what is typed, in memory. The names of the catalogue lie in one long text per page, a line per
// variant: "\n<id>\t<name>\t<code>\t<words>\t"; `words` are pinyin and initials, folded by the server. Looking through
// the texts of 300,000 goods takes some milliseconds and needs no index to be built when the till opens.

const MOST_LOOKED = 30_000;
const MOST_HITS = 3_000;
/** So many are looked for in a page before it is walked through. */
const FEW = 8;
const SPLIT = /[\s,，、·]+/u;

export function lineOf({ id, name, code, words }) {
  return `\n${id}\t${fold(name)}\t${fold(code)}\t${words ?? ""}\t`;
}

/** As names are compared: half-width, lower case. */
export function fold(text) {
  return String(text ?? "").normalize("NFKC").toLowerCase().replace(/[\n\t]/g, " ");
}

/** What to look for: each part must be found. */
export function termsOf(text) {
  return fold(text).trim().split(SPLIT).filter(Boolean);
}

export class Words {
  /** page → text */
  #texts = new Map();

  set(page, text) {
    this.#texts.set(page, text);
  }

  get(page) {
    return this.#texts.get(page) ?? "";
  }

  clear() {
    this.#texts.clear();
  }

  get pages() {
    return [...this.#texts.keys()];
  }

  /** Ids of the best: the name itself, names that begin so, names with it, then codes and pinyin. */
  find(text, limit = 20) {
    const looking = this.look(text, limit);
    for (;;) {
      const { done, value } = looking.next();
      if (done) return value;
    }
  }

  /** The same page by page: whoever looks may do something else in between, or give up. */
  *look(text, limit = 20) {
    const terms = termsOf(text);
    if (!terms.length || (terms.length === 1 && /^[a-z0-9]$/.test(terms[0]))) return [];
    const [longest] = [...terms].sort((a, b) => b.length - a.length);
    // Letters stand in the middle of thousands of words: where a name or code begins is looked at first.
    const needles = /^[\x21-\x7e]+$/.test(longest) ? [`\t${longest}`, longest] : [longest];
    const hits = new Map();
    let looked = 0;
    for (const needle of needles) {
      for (const page of this.#texts.values()) {
        for (let at = page.indexOf(needle); at >= 0 && looked < MOST_LOOKED && hits.size < MOST_HITS; looked += 1) {
          const from = page.lastIndexOf("\n", at) + 1;
          const to = page.indexOf("\n", at);
          const end = to < 0 ? page.length : to;
          const hit = hitOf(page.slice(from, end), terms);
          if (hit) hits.set(hit.id, hit);
          at = page.indexOf(needle, end);
        }
        yield;
      }
      if (hits.size >= limit) break;
    }
    const best = [...hits.values()].sort((a, b) => a.fit - b.fit || a.length - b.length || a.id - b.id);
    return best.slice(0, limit).map((hit) => hit.id);
  }
}

/** `text` with the lines of the goods in `changes` (id → line; none: the good is gone) in the place of theirs. What was
 * found is taken out of `changes`. One walk, however many they are. */
export function patched(text, changes) {
  if (changes.size <= FEW && ![...changes.keys()].some((id) => text.includes(`\n${id}\t`))) return text;
  const found = [];
  let from = 0;
  while (changes.size && from < text.length) {
    const next = text.indexOf("\n", from + 1);
    const to = next < 0 ? text.length : next;
    const id = Number(text.slice(from + 1, text.indexOf("\t", from)));
    if (changes.has(id)) {
      found.push(changes.get(id));
      changes.delete(id);
    } else found.push(text.slice(from, to));
    from = to;
  }
  return found.length ? found.join("") + text.slice(from) : text;
}

function hitOf(line, terms) {
  const [id, name, code, words] = line.split("\t");
  let fit = 0;
  for (const term of terms) {
    if (name === term) continue;
    if (name.startsWith(term)) fit += 1;
    else if (name.includes(term)) fit += 2;
    else if (code.startsWith(term)) fit += 3;
    else if (words?.includes(term)) fit += words.startsWith(term) ? 3 : 4;
    else return null;
  }
  return Number(id) ? { id: Number(id), fit, length: name.length } : null;
}
