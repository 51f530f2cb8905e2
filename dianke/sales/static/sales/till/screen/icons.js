// The outline icons, brought into the page once: an icon of a file of its own is a document the browser opens anew for
// every line that is drawn, and that cost more than the line.
const SPRITE = new URL("../../../vendor/icons.svg", import.meta.url).href;

/** Afterwards `<use href="#icon-…">` finds each of them. */
export async function bringIcons() {
  const text = await (await fetch(SPRITE)).text();
  const sprite = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  for (const symbol of sprite.children) symbol.id = `icon-${symbol.id}`;
  sprite.setAttribute("aria-hidden", "true");
  sprite.style.display = "none";
  document.body.append(sprite);
}
