// Keys: "/" and Ctrl-K search, "?" shows the keys, J/K/X walk a list, [data-key="n"] is pressed by N. Silent while typing.
import { openPalette } from "./palette.js";

// A field in a dialog that was just closed keeps the focus until the next frame; nobody types there any more.
const typing = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]")?.checkVisibility();
const rows = () => [...document.querySelectorAll("[data-row], .dk-table tbody tr")].filter((row) => row.checkVisibility());

function walk(step) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const row = all[Math.min(all.length - 1, Math.max(0, at + step))];
  const target = row?.querySelector("a, input, button") ?? row;
  target?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog:modal")) return;
  if (event.key === "/") {
    if (openPalette()) event.preventDefault();
  } else if (event.key === "?") {
    event.preventDefault();
    showKeys();
  } else if (event.key === "j" || event.key === "k") {
    walk(event.key === "j" ? 1 : -1);
  } else if (event.key === "x") {
    document.activeElement?.closest("tr, [data-row]")?.querySelector("input[type=checkbox]")?.click();
  } else {
    const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key.toLowerCase() === event.key.toLowerCase() && element.checkVisibility());
    if (target) {
      event.preventDefault();
      target.matches("input, textarea, select") ? target.focus() : target.click();
    }
  }
});

const ARROWS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

function showKeys() {
  const dialog = document.getElementById("dk-keys");
  if (!dialog || dialog.open) return;
  const list = dialog.querySelector("#dk-keys-list");
  for (const old of list.querySelectorAll("[data-own]")) old.remove();
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const name = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim();
    if (!element.checkVisibility() || seen.has(element.dataset.key) || !name) continue;
    seen.add(element.dataset.key);
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = ARROWS[element.dataset.key] ?? element.dataset.key.toUpperCase();
    term.append(key);
    const what = document.createElement("dd");
    what.textContent = name;
    term.dataset.own = what.dataset.own = "";
    list.append(term, what);
  }
  dialog.showModal();
}
