// Steppers beside quantities; receiving by scan: a code that belongs to a line of the order counts there, what is taken in
// follows what came until somebody says otherwise.

const number = (text) => Number(String(text).normalize("NFKC").replaceAll(/[,，]/g, "").replace("。", ".")) || 0;
const written = (value) => String(Math.round(value * 10000) / 10000);

function put(field, value) {
  field.value = written(Math.max(value, 0));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

let later;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pu-step]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  put(field, number(field.value) + number(button.dataset.puStep));
  // Pressed several times in a row it is one change.
  clearTimeout(later);
  later = setTimeout(() => field.dispatchEvent(new Event("change", { bubbles: true })), 450);
});

// --- receiving ---
const form = document.querySelector("[data-pu-receive]");

function told(field, text, good) {
  const line = document.getElementById("scan-said");
  if (line) {
    line.textContent = text;
    line.className = `pu-said ${good ? "is-good" : "is-bad"}`;
  }
  field.dispatchEvent(new CustomEvent("dk:scanned", { bubbles: true, detail: { text, good } }));
}

function count(card, quantity, tag) {
  for (const other of form.querySelectorAll(".pu-card.is-hit")) other.classList.remove("is-hit");
  card.classList.add("is-hit");
  card.scrollIntoView({ block: "nearest" });
  const tags = card.querySelector("textarea[data-pu-tags]");
  if (tags) {
    const known = tags.value.split(/\s+/).filter(Boolean);
    if (!known.includes(tag)) known.push(tag);
    tags.value = known.join("\n");
    tags.dispatchEvent(new Event("input", { bubbles: true }));
    return known.length;
  }
  // The last batch is the one that is being unpacked.
  const fields = card.querySelectorAll("input[data-pu-came]");
  const field = fields[fields.length - 1];
  put(field, number(field.value) + quantity);
  return number(field.value);
}

async function scanned(field, code) {
  const known = JSON.parse(form.dataset.codes || "{}")[code];
  let hit = known ? { line: known[0], quantity: known[1], tag: known[2] } : null;
  if (!hit) {
    try {
      const answer = await fetch(`${form.dataset.scanUrl}?code=${encodeURIComponent(code)}`, { headers: { Accept: "application/json" } });
      hit = await answer.json();
    } catch {
      told(field, form.dataset.offline, false);
      return;
    }
  }
  const card = hit.line && form.querySelector(`[data-line="${hit.line}"]`);
  if (!card) {
    told(field, hit.text ?? form.dataset.unknown, false);
    return;
  }
  const now = count(card, number(hit.quantity), hit.tag ?? code);
  told(field, `${card.dataset.name} × ${written(now)}`, true);
}

if (form) {
  document.addEventListener("dk:scan", (event) => {
    if (!event.target.closest("[data-pu-scan]")) return;
    event.preventDefault();
    scanned(event.target, event.detail.code);
  });

  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches("[data-pu-accepted]")) field.dataset.touched = "";
    if (!field.matches("[data-pu-came]")) return;
    const accepted = field.closest(".pu-row").querySelector("[data-pu-accepted]");
    if (accepted && accepted.dataset.touched === undefined) accepted.value = field.value;
  });

  document.addEventListener("click", (event) => {
    const more = event.target.closest("[data-pu-more]");
    if (more) {
      const card = more.closest(".pu-card");
      const rows = card.querySelectorAll(".pu-row");
      const row = card.querySelector("template").content.cloneNode(true).firstElementChild;
      for (const element of row.querySelectorAll("[name], [id], [for]"))
        for (const name of ["name", "id", "for"])
          if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace("__row__", rows.length));
      rows[rows.length - 1].after(row);
      row.querySelector("input").focus();
      return;
    }
    const all = event.target.closest("[data-pu-all]");
    if (!all) return;
    for (const field of form.querySelectorAll("[data-pu-came][data-open]")) {
      const card = field.closest(".pu-card");
      // What was counted or has several batches stays as it is.
      if (card.querySelectorAll("[data-pu-came]").length > 1 || number(field.value)) continue;
      put(field, number(field.dataset.open));
    }
  });
}
