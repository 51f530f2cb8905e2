// Lists: [data-select] boxes and [data-select-all] feed the bar .dk-bulk ([data-bulk] or [data-bulk-count] inside it);
// [data-range] joins two dates into one field; coming back finds the list where it was left.
import { texts } from "./texts.js";

const boxes = () => [...document.querySelectorAll("input[data-select]")];

function refresh() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  for (const box of all) box.closest("tr, [data-row]")?.classList.toggle("is-selected", box.checked);
  for (const box of document.querySelectorAll("input[data-select-all]")) {
    box.checked = all.length > 0 && chosen.length === all.length;
    box.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  for (const bar of document.querySelectorAll(".dk-bulk")) {
    bar.hidden = !chosen.length;
    const count = bar.querySelector("[data-bulk-count]");
    if (count) count.textContent = texts.selected.replace("%n", chosen.length);
  }
}

let last = null;
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-select-none]")) {
    for (const box of boxes()) box.checked = false;
    refresh();
    return;
  }
  const box = event.target.closest?.("input[data-select], input[data-select-all]");
  if (!box) return;
  const all = boxes();
  if (box.dataset.selectAll !== undefined) {
    for (const one of all) one.checked = box.checked;
  } else if (event.shiftKey && last?.isConnected) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  refresh();
});

document.addEventListener("htmx:after:settle", refresh);
refresh();

// Before the form hears of the change, so that it sends the joined value.
document.addEventListener("change", (event) => {
  const range = event.target.closest?.("[data-range]");
  if (!range) return;
  const first = range.querySelector("[data-range-first]").value;
  const until = range.querySelector("[data-range-last]").value;
  range.querySelector("input[type=hidden]").value = first || until ? `${first}..${until}` : "";
}, true);

// The browser restores scrolling of pages it kept; for those it fetches again we remember it per address.
const key = () => `dk-scroll:${location.pathname}${location.search}`;
const keeps = () => document.querySelector("[data-keep-place], [data-list]");
addEventListener("pagehide", () => {
  if (keeps()) sessionStorage.setItem(key(), String(scrollY));
});
const entry = performance.getEntriesByType("navigation")[0];
if (keeps() && (entry?.type === "back_forward" || entry?.type === "reload")) {
  const place = Number(sessionStorage.getItem(key()));
  if (place) requestAnimationFrame(() => scrollTo({ top: place, behavior: "instant" }));
}
