// A figure of the matrix dragged onto another store of its row opens the planned transfer, filled in. The same stands in the
// menu of the drawer a figure opens, for who uses no mouse.
const cellOf = (target) => target.closest?.("td")?.querySelector("a[data-stock]") ?? null;
let dragged = null;

function clear() {
  for (const each of document.querySelectorAll("td.is-target")) each.classList.remove("is-target");
}

function fits(target) {
  const cell = cellOf(target);
  if (!dragged || !cell || cell.dataset.variant !== dragged.dataset.variant) return null;
  return cell.dataset.store === dragged.dataset.store ? null : cell;
}

document.addEventListener("dragstart", (event) => {
  const cell = event.target.closest?.("a[data-stock][draggable]");
  const page = document.getElementById("stock-transfer");
  if (!cell || !page) return;
  dragged = cell;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", cell.dataset.stock);
  cell.closest("tr").classList.add("is-dragging");
});

document.addEventListener("dragover", (event) => {
  const cell = fits(event.target);
  clear();
  if (!cell) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  cell.closest("td").classList.add("is-target");
});

document.addEventListener("drop", (event) => {
  const cell = fits(event.target);
  if (!cell) return;
  event.preventDefault();
  const { variant, store, stock } = dragged.dataset;
  const asked = new URLSearchParams({ variant, from: store, to: cell.dataset.store, quantity: stock });
  const link = document.createElement("a");
  link.href = `${document.getElementById("stock-transfer").dataset.url}?${asked}`;
  link.dataset.open = "dialog";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
});

document.addEventListener("dragend", () => {
  dragged?.closest("tr")?.classList.remove("is-dragging");
  dragged = null;
  clear();
});

// Stock by hand: where something is wrong with a line, the cursor goes there and not back to the scanner.
document.addEventListener("htmx:after:settle", () => {
  document.querySelector("#entry .st-lines [aria-invalid=true]")?.focus();
});
