// <a href="/x/new" data-open="dialog"> opens the page in a dialog, data-open="drawer" beside the list; without script the
// link is a link. Forms inside answer into the same place. data-confirm="…" asks before what cannot be undone.
import { texts } from "./texts.js";
import { isDirty, forget } from "./forms.js";
import { toast } from "./toasts.js";

const WIDE = matchMedia("(min-width: 75rem)");
const shell = (name) => document.getElementById(name);
let opener = null;
let before = null; // what had the focus when the dialog came

function show(dialog) {
  if (dialog.open) return;
  before = document.activeElement;
  // Beside a list on a wide screen the list stays usable; elsewhere the drawer is all there is.
  if (dialog.id === "drawer" && WIDE.matches) dialog.show();
  else dialog.showModal();
}

export async function close(dialog, { force = false } = {}) {
  const form = dialog.querySelector("form[data-guard]");
  if (!force && form && isDirty(form) && !(await confirm(texts.unsaved, { title: texts.leaveTitle, yes: texts.leave, no: texts.stay }))) return;
  if (form) forget(form);
  dialog.close();
}

export function open(url, where = "dialog", from = document.activeElement) {
  const body = shell(`${where}-body`);
  if (!body) {
    location.href = url;
    return;
  }
  opener = from;
  document.querySelector("tr.is-open")?.classList.remove("is-open");
  opener?.closest?.("tr")?.classList.add("is-open");
  htmx.ajax("GET", url, { target: body, swap: "innerHTML" });
}

export function confirm(text, { title = texts.confirmTitle, yes = texts.confirm, no = texts.cancel, danger = true } = {}) {
  const dialog = shell("dk-confirm");
  if (!dialog) return Promise.resolve(window.confirm(text));
  dialog.querySelector("#dk-confirm-title").textContent = title;
  dialog.querySelector("#dk-confirm-text").textContent = text;
  const button = dialog.querySelector("[data-confirm-yes]");
  button.textContent = yes;
  button.className = `btn ${danger ? "btn-danger" : "btn-primary"}`;
  const stay = dialog.querySelector("[data-confirm-no]");
  stay.hidden = no === null;
  stay.textContent = no ?? "";
  dialog.returnValue = "";
  dialog.showModal();
  (no === null ? button : stay).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
  });
}

export function problem(title, text) {
  return confirm(text, { title, yes: texts.close, no: null, danger: false });
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[data-open]");
  if (link) {
    event.preventDefault();
    open(link.href, link.dataset.open, link); // pressed by a key or in Safari it has not got the focus
    return;
  }
  const shower = event.target.closest("[data-shows], [data-dialog]");
  if (shower) {
    shower.closest("details")?.removeAttribute("open");
    shell(shower.dataset.shows ?? shower.dataset.dialog)?.showModal();
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    close(closer.closest("dialog"));
    return;
  }
  // A click on the backdrop hits the dialog element itself.
  if (event.target instanceof HTMLDialogElement && event.target.matches(".dk-dialog, .dk-drawer") && event.target.id !== "dk-confirm") {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) close(event.target);
  }
});

// Esc asks first when something typed would be lost.
document.addEventListener("cancel", (event) => {
  const form = event.target.querySelector?.("form[data-guard]");
  if (form && isDirty(form)) {
    event.preventDefault();
    close(event.target);
  }
}, true);

document.addEventListener("keydown", (event) => {
  const drawer = shell("drawer");
  if (event.key === "Escape" && drawer?.open && !document.querySelector("dialog:modal")) close(drawer);
});

document.addEventListener("close", (event) => {
  if (event.target.id !== "dialog" && event.target.id !== "drawer") return;
  document.querySelector("tr.is-open")?.classList.remove("is-open");
  shell(`${event.target.id}-body`).replaceChildren();
  // The event comes a moment after the dialog has gone: whoever went on to another place stays there.
  const now = document.activeElement;
  if (opener?.isConnected && (!now || now === document.body || now === before || event.target.contains(now))) opener.focus({ preventScroll: true });
}, true);

document.addEventListener("htmx:after:settle", (event) => {
  const body = event.target.closest?.("#dialog-body, #drawer-body") ?? (event.target.id?.endsWith?.("-body") ? event.target : null);
  if (!body) return;
  const dialog = body.closest("dialog");
  if (!dialog || !body.childElementCount) return;
  const first = !dialog.open;
  show(dialog);
  if (first || body.querySelector("[aria-invalid=true]")) {
    (body.querySelector("[aria-invalid=true]") ?? body.querySelector("[autofocus], .dk-sheet-body input:not([type=hidden]), .dk-sheet-body select, .dk-sheet-body textarea") ?? body.querySelector("[data-close]"))?.focus();
  }
});

// Plain forms inside a dialog or drawer answer there.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const body = form.closest?.("#dialog-body, #drawer-body");
  if (!body || event.defaultPrevented || form.method === "dialog" || form.hasAttribute("hx-post") || form.hasAttribute("hx-get") || form.dataset.page !== undefined) return;
  event.preventDefault();
  const method = (event.submitter?.getAttribute("formmethod") || form.getAttribute("method") || "get").toUpperCase();
  const url = event.submitter?.getAttribute("formaction") || form.getAttribute("action") || body.dataset.url;
  // htmx names the source as the target when a script sends; the server must know where the answer goes.
  htmx.ajax(method, url, { source: form, target: body, swap: "innerHTML", event, headers: { "HX-Target": `div#${body.id}` } });
});

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method === "GET" && ctx.target?.id?.endsWith?.("-body")) ctx.target.dataset.url = ctx.request.action;
});

// A write in a dialog is done: close it, say so, refresh what shows it.
document.addEventListener("dk:done", async (event) => {
  const { text, undo, to } = event.detail;
  for (const name of ["dialog", "drawer"]) {
    const dialog = shell(name);
    if (dialog?.open) await close(dialog, { force: true });
  }
  if (document.querySelector("[hx-trigger*='dk:changed']")) {
    document.body.dispatchEvent(new CustomEvent("dk:changed"));
    toast(text, { undo });
  } else {
    sessionStorage.setItem("dk-toast", JSON.stringify({ text, undo }));
    if (to && new URL(to, location.href).href !== location.href) location.href = to;
    else location.reload();
  }
});

// htmx's own question in our dialog, and data-confirm on ordinary forms and links.
document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  confirm(event.detail.ctx.confirm).then((yes) => (yes ? event.detail.issueRequest() : event.detail.dropRequest()));
});

function asks(event, element, go) {
  const text = element?.dataset.confirm;
  if (!text || element.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  confirm(text, { yes: element.dataset.confirmYes || texts.confirm }).then((yes) => {
    if (!yes) return;
    element.dataset.confirmed = "1";
    go();
    delete element.dataset.confirmed;
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-confirm], button[type=button][data-confirm]");
  if (link) asks(event, link, () => link.click());
}, true);

document.addEventListener("submit", (event) => {
  const source = event.submitter?.dataset.confirm ? event.submitter : event.target;
  asks(event, source, () => event.target.requestSubmit(event.submitter));
}, true);

// Going back over an address pushed by a drawer closes it.
document.addEventListener("htmx:before:history:restore", () => {
  for (const name of ["dialog", "drawer"]) shell(name)?.close();
});
