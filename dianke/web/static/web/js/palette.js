// Search and commands: opened by [data-palette], "/" or Ctrl-K; arrows choose, Enter opens. Results come from the server.
const dialog = () => document.getElementById("dk-palette");
const results = () => [...document.querySelectorAll("#dk-results .dk-result")];

export function openPalette() {
  const palette = dialog();
  if (!palette || palette.open) return false;
  palette.showModal();
  const input = palette.querySelector("input[name=q]");
  input.select();
  if (!document.querySelector("#dk-results").childElementCount) htmx.trigger(input, "search");
  return true;
}

function choose(step) {
  const all = results();
  if (!all.length) return;
  const at = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = all[(at + step + all.length) % all.length];
  for (const item of all) item.setAttribute("aria-selected", String(item === next));
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]") && !(event.ctrlKey || event.metaKey) && openPalette()) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#dk-palette")) return;
  if (event.key === "Escape") {
    // A search field would first empty itself.
    event.preventDefault();
    dialog().close();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && !event.isComposing) {
    const chosen = results().find((item) => item.getAttribute("aria-selected") === "true") ?? results()[0];
    if (chosen) {
      event.preventDefault();
      dialog().close();
      chosen.click();
    }
  }
});

document.addEventListener("htmx:after:swap", () => {
  const all = results();
  if (all.length && !all.some((item) => item.hasAttribute("aria-selected"))) all.forEach((item, position) => item.setAttribute("aria-selected", String(position === 0)));
});
