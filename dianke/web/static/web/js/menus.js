// <details class="dk-menu"> behaves as a menu: one open at a time, closed by Esc and by a click elsewhere, arrows move.
const openMenus = () => document.querySelectorAll("details.dk-menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.dk-menu[open]");
  if (!menu) return;
  const items = [...menu.querySelectorAll(".dk-menu-list :is(a, button, input)")].filter((item) => item.checkVisibility());
  const at = items.indexOf(document.activeElement);
  if (event.key === "Escape") {
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[(at + step + items.length) % items.length]?.focus();
  }
}, true);

document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
