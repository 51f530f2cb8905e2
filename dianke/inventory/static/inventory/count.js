// Counting on the phone. Every scan is an entry with a key of its own; entries wait in a queue that this device keeps until
// the server has them, and are sent again after a while: the key makes a second arrival count nothing. What was counted
// stands on the card with a pad for the number; undo takes the last entry back.
const root = document.querySelector("[data-count]");
const setup = JSON.parse(document.getElementById("fl-setup").textContent);
const again = JSON.parse(document.getElementById("fl-again").textContent);
const words = document.getElementById("fl-words").dataset;
const find = (name) => root.querySelector(`[data-${name}]`);
const field = document.getElementById("fl-code");
const number = find("number");

const STORE = `dk-count:${setup.session}:${setup.user}`;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 30_000;
const AT_ONCE = 200;
const SHOWN = 12;

// --- what waits to be sent ---
let queue = [];
let stuck = "";
let waitFor = FIRST_WAIT;
let timer;
let isSending = false;

try {
  queue = JSON.parse(localStorage.getItem(STORE) ?? "[]");
} catch {
  queue = [];
}

function keep() {
  try {
    if (queue.length) localStorage.setItem(STORE, JSON.stringify(queue));
    else localStorage.removeItem(STORE);
  } catch {
    // A full or forbidden storage: the entries stay in memory.
  }
}

const newKey = () => crypto.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

function enter(entry) {
  const made = { key: newKey(), counted_at: new Date().toISOString(), place_id: place(), ...entry };
  queue.push(made);
  keep();
  send();
  return made;
}

function place() {
  return Number(find("place")?.value) || null;
}

// The server's sign of trust for what a page sends.
const headers = () => ({ ...JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}"), "Content-Type": "application/json" });

async function send() {
  if (isSending || !queue.length || stuck) {
    show();
    return;
  }
  isSending = true;
  clearTimeout(timer);
  const batch = queue.slice(0, AT_ONCE);
  show();
  try {
    const response = await fetch(setup.url, { method: "POST", headers: headers(), body: JSON.stringify({ entries: batch, sent_at: new Date().toISOString() }) });
    const isJson = response.headers.get("Content-Type")?.includes("json");
    if (response.ok && isJson && !response.redirected) {
      const answer = await response.json();
      const done = new Set(batch.map((entry) => entry.key));
      queue = queue.filter((entry) => !done.has(entry.key));
      keep();
      waitFor = FIRST_WAIT;
      take(answer);
    } else if (response.redirected || response.status === 401 || response.status === 403) {
      stuck = words.signedOut;
    } else if (isJson) {
      stuck = `${words.closed} ${(await response.json()).problem ?? ""}`;
    } else throw new Error(String(response.status));
  } catch {
    timer = setTimeout(send, waitFor);
    waitFor = Math.min(LONGEST_WAIT, waitFor * 2);
  }
  isSending = false;
  show();
  if (queue.length && waitFor === FIRST_WAIT && !stuck) send();
}

addEventListener("online", () => {
  waitFor = FIRST_WAIT;
  send();
});
addEventListener("beforeunload", (event) => {
  if (queue.length) event.preventDefault();
});

// --- what the server says ---
const log = []; // newest first: {entry, row, state}

function take(answer) {
  for (const item of log) {
    const row = answer.taken[item.entry.key];
    if (row) Object.assign(item, { row, state: "taken" });
    const no = answer.refused[item.entry.key];
    if (no) Object.assign(item, { no, state: "refused" });
  }
  // The latest word on a line is what stands there now.
  for (const row of Object.values(answer.taken)) {
    for (const item of log) if (item.row?.line === row.line) item.row.entered = row.entered;
    const listed = root.querySelector(`[data-again="${row.line}"] [data-again-entered]`);
    if (listed) listed.textContent = row.entered;
    if (now?.row?.line === row.line) now.row = { ...now.row, ...row };
  }
  if (now && answer.refused[now.entry?.key]) now.no = answer.refused[now.entry.key];
  if (now && answer.taken[now.entry?.key]) {
    now.row = answer.taken[now.entry.key];
    now.no = null;
  }
  find("counted").textContent = answer.progress.counted;
  find("lines").textContent = answer.progress.lines;
  Object.assign(find("bar"), { max: Math.max(1, answer.progress.lines), value: answer.progress.counted });
  const latest = log[0];
  if (latest && (answer.taken[latest.entry.key] || answer.refused[latest.entry.key])) {
    const good = latest.state === "taken";
    const text = good ? `${latest.row.name} · ${latest.row.entered}` : `${latest.no.name}: ${latest.no.text}`;
    field.dispatchEvent(new CustomEvent("dk:scanned", { bubbles: true, detail: { text, good } }));
    if (!good && navigator.vibrate) navigator.vibrate([60, 60, 60]);
  }
}

// --- the card of what is counted now ---
let now = null; // {entry, quantity, row, no, isLine}

function countOne(goods, name) {
  const entry = enter({ ...goods, quantity: 1 });
  now = { entry, goods, quantity: 1, name, row: null, no: null };
  log.unshift({ entry, name, state: "waiting" });
  number.value = "";
  show();
}

/** A line that is tapped is counted by its number, all of it at once. */
function choose(row) {
  now = { entry: null, goods: goodsOf(row), quantity: 0, name: row.name, row, no: null, isLine: true };
  const select = find("place");
  if (select && row.place_id) select.value = row.place_id;
  number.value = "";
  show();
  find("now").scrollIntoView({ block: "nearest" });
  if (matchMedia("(pointer: fine)").matches) number.focus();
}

const goodsOf = (row) => ({ variant_id: row.variant_id, batch_id: row.batch_id ?? null, piece_id: row.piece_id ?? null });
const typed = () => {
  const value = Number(number.value.normalize("NFKC").replace(",", "."));
  return number.value.trim() && Number.isFinite(value) && value >= 0 ? value : null;
};

function isLocal(item) {
  return item && queue.some((entry) => entry.key === item.entry.key) && !isSending;
}

/** The number that was typed stands for this scan in place of the one it counted. */
function setQuantity(value) {
  const item = log.find((one) => one.entry === now.entry);
  if (now.isLine) {
    const before = now.row.entered ?? "";
    const entry = enter({ ...now.goods, place_id: now.row.place_id, quantity: value, is_total: true });
    log.unshift({ entry, name: now.name, row: null, state: "waiting", before });
    now.entry = entry;
    now.row = { ...now.row, entered: String(value) };
  } else if (isLocal(item)) {
    // It has not left the phone yet: the entry itself is put right.
    item.entry.quantity = value;
    keep();
    now.quantity = value;
  } else {
    const entry = enter({ ...now.goods, place_id: now.entry.place_id, quantity: value - now.quantity });
    log.unshift({ entry, name: now.name, row: now.row, state: "waiting" });
    now.quantity = value;
  }
  afterNumber();
}

function setTotal(value) {
  const entry = enter({ ...now.goods, place_id: now.entry?.place_id ?? now.row?.place_id ?? place(), quantity: value, is_total: true });
  log.unshift({ entry, name: now.name, row: null, state: "waiting", before: now.row?.entered ?? "" });
  now.entry = entry;
  now.quantity = value;
  now.isLine = true;
  now.row = now.row && { ...now.row, entered: String(value) };
  afterNumber();
}

function afterNumber() {
  number.value = "";
  show();
  if (matchMedia("(pointer: fine)").matches) field.focus();
}

/** The last entry that counts is taken back: out of the queue, or by its opposite. */
function undo() {
  const item = log.find((one) => one.state === "waiting" || one.state === "taken");
  if (!item) return;
  if (isLocal(item)) {
    queue = queue.filter((entry) => entry.key !== item.entry.key);
    keep();
  } else {
    const { code, variant_id, batch_id, piece_id, place_id } = item.entry;
    const goods = { code: code ?? "", variant_id, batch_id, piece_id, place_id };
    if (item.entry.is_total || item.row?.piece_id) enter({ ...goods, quantity: Number(item.before || 0), is_total: true });
    else enter({ ...goods, quantity: -item.entry.quantity });
  }
  item.state = "undone";
  if (now?.entry === item.entry) now = null;
  show();
  field.focus({ preventScroll: true });
}

// --- what is seen ---
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function show() {
  const waiting = queue.length;
  const box = find("waiting");
  const isLate = waiting > 0 && (stuck || waitFor > FIRST_WAIT);
  box.hidden = !isLate;
  if (isLate) {
    find("waiting-title").textContent = words.waiting.replace("%n", waiting);
    find("waiting-text").textContent = stuck || words.offline;
    find("drop").hidden = !stuck || stuck === words.signedOut;
    box.classList.toggle("is-bad", Boolean(stuck));
    box.classList.toggle("is-wait", !stuck);
  }
  find("sent").textContent = !log.length ? "" : waiting ? words.sending : words.allSent;
  find("undo").disabled = !log.some((item) => item.state === "waiting" || item.state === "taken");
  card();
  lines();
}

function card() {
  const box = find("now");
  box.hidden = !now;
  if (!now) return;
  const { row, no } = now;
  find("name").textContent = row?.name ?? no?.name ?? now.name;
  find("note").textContent = row ? [row.note, row.place].filter(Boolean).join(" · ") : no ? "" : words.unknown;
  find("entered").textContent = row?.entered || "–";
  const problem = find("problem");
  problem.hidden = !no;
  problem.textContent = no?.text ?? "";
  problem.classList.toggle("t-danger", !no?.choices?.length);
  const choices = find("choices");
  choices.hidden = !no?.choices?.length;
  choices.replaceChildren(
    ...(no?.choices ?? []).map((choice) => {
      const item = element("li");
      const button = element("button", "dk-line fl-pick");
      button.type = "button";
      const text = element("span", "dk-line-text", choice.name);
      text.append(element("span", "dk-line-note", choice.note));
      button.append(text);
      button.addEventListener("click", () => {
        countOne({ variant_id: choice.variant_id, batch_id: choice.batch_id }, choice.name);
        field.focus({ preventScroll: true });
      });
      item.append(button);
      return item;
    }),
  );
  const isPiece = Boolean(row?.piece_id);
  find("pad-form").hidden = Boolean(no) || isPiece;
  pad();
}

function pad() {
  if (!now) return;
  const value = typed();
  const set = find("set");
  const all = find("total");
  set.disabled = value === null;
  all.disabled = value === null;
  set.textContent = (now.isLine ? words.put : words.set).replace("%n", value ?? "…");
  all.textContent = words.total.replace("%n", value ?? "…");
  all.hidden = Boolean(now.isLine);
}

function lines() {
  find("log-card").hidden = !log.length;
  find("log").replaceChildren(
    ...log.slice(0, SHOWN).map((item) => {
      const line = element("li");
      const box = element("div", "dk-line");
      const text = element("span", "dk-line-text", item.row?.name ?? item.no?.name ?? item.name);
      const note = { refused: words.refused, undone: words.undone, waiting: waitFor > FIRST_WAIT || stuck ? words.kept : words.sending }[item.state];
      text.append(element("span", `dk-line-note${item.state === "refused" ? " t-danger" : ""}`, note ?? item.row?.note ?? ""));
      const { quantity, is_total: isTotal } = item.entry;
      box.append(text, element("strong", "num", isTotal ? `= ${quantity}` : quantity > 0 ? `+${quantity}` : String(quantity)));
      if (item.state === "undone" || item.state === "refused") box.classList.add("is-quiet");
      line.append(box);
      return line;
    }),
  );
}

// --- what is pressed ---
document.addEventListener("dk:scan", (event) => {
  if (event.target !== field) return;
  event.preventDefault();
  countOne({ code: event.detail.code }, event.detail.code);
});

root.addEventListener("click", (event) => {
  const digit = event.target.closest("[data-digit]");
  if (digit) {
    if (!(digit.dataset.digit === "." && number.value.includes(".")) && number.value.length < 10) number.value += digit.dataset.digit;
    pad();
    return;
  }
  if (event.target.closest("[data-erase]")) {
    number.value = number.value.slice(0, -1);
    pad();
    return;
  }
  if (event.target.closest("[data-total]") && typed() !== null) setTotal(typed());
  if (event.target.closest("[data-undo]")) undo();
  if (event.target.closest("[data-retry]")) {
    stuck = "";
    waitFor = FIRST_WAIT;
    send();
  }
  if (event.target.closest("[data-drop]")) {
    queue = [];
    stuck = "";
    keep();
    location.reload();
  }
  const tapped = event.target.closest("[data-again]");
  if (tapped) choose(again.find((row) => String(row.line) === tapped.dataset.again));
});

number.addEventListener("input", pad);
find("pad-form").addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  if (typed() !== null) setQuantity(typed());
});

if (setup.first) choose(setup.first);
show();
if (queue.length) send();
