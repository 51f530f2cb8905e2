// Notes and coins add up while they are typed. Works on whatever form comes into the page later, dialogs included.
const format = (form, minor) => {
  const digits = Number(form.dataset.digits ?? 2);
  return new Intl.NumberFormat(document.documentElement.lang || "zh-CN", {
    style: "currency",
    currency: form.dataset.currency || "CNY",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
  }).format(minor / 10 ** digits);
};

function add(form) {
  let total = 0;
  for (const field of form.querySelectorAll("[data-piece]")) {
    const count = /^\d+$/.test(field.value.trim()) ? Number(field.value) : 0;
    const amount = count * Number(field.dataset.piece);
    total += amount;
    const told = field.closest("[data-piece-row]")?.querySelector("[data-piece-sum]");
    if (told) told.textContent = count ? format(form, amount) : "";
  }
  const sum = form.querySelector("[data-pieces-total]");
  if (sum) sum.textContent = format(form, total);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-pieces]");
  if (form) add(form);
});

// Enter goes to the next kind of note instead of sending a half-typed count.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-piece]")) return;
  const fields = [...event.target.closest("[data-pieces]").querySelectorAll("[data-piece]")];
  const next = fields[fields.indexOf(event.target) + 1];
  if (next?.offsetParent) {
    event.preventDefault();
    next.focus();
    next.select();
  }
});

// A dialog comes later; its first focus tells that it is there.
document.addEventListener("focusin", (event) => {
  const form = event.target.closest?.("[data-pieces]");
  if (form) add(form);
});

for (const form of document.querySelectorAll("[data-pieces]")) add(form);
