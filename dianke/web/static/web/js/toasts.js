// Short notices of what changed, with undo. They stay longer when there is something to press, and while pointed at.
import { texts } from "./texts.js";

const SHORT = 4000;
const WITH_UNDO = 9000;
const MOST = 2;

export function toast(text, { undo = "" } = {}) {
  const shelf = document.getElementById("dk-toasts");
  if (!shelf || !text) return;
  // The top layer, so that a notice is seen above an open dialog.
  if (shelf.showPopover) {
    if (shelf.matches(":popover-open")) shelf.hidePopover();
    shelf.showPopover();
  }
  const box = document.createElement("div");
  box.className = "dk-toast";
  const words = document.createElement("span");
  words.className = "dk-toast-text";
  words.textContent = text;
  box.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = texts.undo;
    button.addEventListener("click", () => takeBack(undo, box));
    box.append(button);
  }
  const away = document.createElement("button");
  away.type = "button";
  away.setAttribute("aria-label", texts.close);
  away.textContent = "×";
  away.addEventListener("click", () => box.remove());
  box.append(away);
  shelf.append(box);
  // Who decides quickly, pair after pair, must still see the page.
  while (shelf.children.length > MOST) shelf.firstElementChild.remove();
  let timer;
  const wait = () => { timer = setTimeout(() => box.remove(), undo ? WITH_UNDO : SHORT); };
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", wait);
  box.addEventListener("focusin", () => clearTimeout(timer));
  wait();
}

async function takeBack(url, box) {
  box.remove();
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
  const response = await fetch(url, { method: "POST", headers: { ...headers, "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) {
    toast(texts.failed);
    return;
  }
  if (document.querySelector("[hx-trigger*='dk:changed']")) {
    document.body.dispatchEvent(new CustomEvent("dk:changed"));
    toast(texts.undone);
  } else {
    sessionStorage.setItem("dk-toast", JSON.stringify({ text: texts.undone }));
    location.reload();
  }
}

function collect(root) {
  for (const element of root.querySelectorAll?.("[data-toast]") ?? []) {
    toast(element.textContent, { undo: element.dataset.undo });
    element.remove();
  }
}

document.addEventListener("dk:toast", (event) => toast(event.detail.text, { undo: event.detail.undo }));
document.addEventListener("htmx:after:swap", () => collect(document));

const kept = sessionStorage.getItem("dk-toast");
if (kept) {
  sessionStorage.removeItem("dk-toast");
  const { text, undo } = JSON.parse(kept);
  toast(text, { undo });
}
collect(document);
