// <input data-scan> takes codes: from a scanner that types (also when the focus is elsewhere) and, where the browser has
// one, from the camera. A code is given to the page as the event dk:scan on the field (detail.code); who handles it calls
// preventDefault and may answer with dk:scanned (detail.text, detail.good); otherwise the field's form is sent (by
// the button named in data-scan="id", if any). The field is emptied once the code was taken; where it was refused the code stays, selected.
import { isUnderWay } from "./requests.js";
import { texts } from "./texts.js";
import { toast } from "./toasts.js";

// Scanners leave at most some 30 ms between two keys, on a busy computer more; people who type fast need 80. Outside of
// fields nobody types: there a key of the page only waits a little longer.
const GAP = 45;
const GAP_OUTSIDE = 100;
const LEAST = 4;
const CODE = /^[\w\-.\/$+%*:]{6,}$/;
const PATIENCE = 10_000;
const REOPEN = "dk-scan-camera";

const types = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");

/** The field that codes go to: of the topmost dialog, else of the page. */
export function scanField() {
  const modals = document.querySelectorAll("dialog:modal:not(.dk-camera)");
  const scope = modals.length ? modals[modals.length - 1] : document;
  return [...scope.querySelectorAll("input[data-scan]")].find((field) => !field.disabled && field.checkVisibility()) ?? null;
}

const waiting = new WeakMap();
const queued = [];
let sender = null;

/** Gives `code` to the page or sends the form of the field. */
export function accept(field, code) {
  const text = code.normalize("NFKC").trim();
  if (!text || !field?.isConnected) return;
  const hadFocus = document.activeElement === field;
  if (!field.dispatchEvent(new CustomEvent("dk:scan", { bubbles: true, cancelable: true, detail: { code: text } }))) {
    field.value = "";
    return;
  }
  if (!field.form) return;
  // Who scans quickly is ahead of the server: one after the other, so that each finds what the one before has changed.
  const before = waiting.get(field.form);
  if ((before && Date.now() - before.at < PATIENCE) || isUnderWay(field.form)) {
    queued.push(text);
    field.value = "";
    return;
  }
  field.value = text;
  sender = field.form;
  // A form without htmx brings a new page; the camera goes on there.
  if (document.querySelector("dialog.dk-camera[open]")) sessionStorage.setItem(REOPEN, JSON.stringify({ path: location.pathname, at: Date.now() }));
  // data-scan="id": this button of the form is pressed.
  const button = field.dataset.scan && document.getElementById(field.dataset.scan);
  waiting.set(field.form, { code: text, id: field.id, hadFocus, at: Date.now(), by: button ?? field.form });
  if (button) button.click();
  else field.form.requestSubmit();
}

/** The next of those that wait, unless its form waits for an answer still: what ends then calls again. */
function proceed(field) {
  if (queued.length && field?.form && !isUnderWay(field.form)) accept(field, queued.shift());
}

export function told(field, text, good) {
  (field?.isConnected ? field : document).dispatchEvent(new CustomEvent("dk:scanned", { bubbles: true, detail: { text, good } }));
}

document.addEventListener("htmx:finally:request", (event) => {
  // A button that the answer replaced has no form any more.
  const source = event.detail.ctx?.sourceElement;
  const form = event.target.closest?.("form") ?? source?.closest?.("form") ?? (source?.isConnected ? null : sender);
  const wait = form && waiting.get(form);
  if (!wait || wait.by !== source) {
    // Another request of the form has ended, which a scan may have waited for.
    if (form && !wait) setTimeout(() => proceed(scanField()));
    return;
  }
  waiting.delete(form);
  sessionStorage.removeItem(REOPEN);
  const status = event.detail.ctx?.response?.status ?? 0;
  const good = status >= 200 && status < 400;
  const field = (wait.id && document.getElementById(wait.id)) || (form.isConnected && form.querySelector("input[data-scan]")) || scanField();
  told(field, wait.code, good);
  if (!field) return;
  if (good) {
    // What was searched for stays to be read.
    if (field.value === wait.code && field.type !== "search") field.value = "";
  } else if (field.value === "") field.value = wait.code;
  if (wait.hadFocus) {
    field.focus({ preventScroll: true });
    if (!good || field.type === "search") field.select();
  }
  if (queued.length) {
    if (!good) toast(texts.scanRefused.replace("%s", wait.code));
    setTimeout(() => proceed(field));
  }
});

// --- the scanner that types ---
let burst = null;
let timer;
const replayed = new WeakSet();

/** Keys that were held back and were no scan are given to the page after all. */
function flush() {
  clearTimeout(timer);
  const held = burst?.held ?? [];
  burst = null;
  for (const event of held) {
    const again = new KeyboardEvent("keydown", { key: event.key, code: event.code, shiftKey: event.shiftKey, bubbles: true, cancelable: true });
    replayed.add(again);
    (event.target.isConnected ? event.target : document.body).dispatchEvent(again);
  }
}

function taken(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener("keydown", (event) => {
  if (replayed.has(event) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target } = event;
  if (event.key === "Enter" && target.matches?.("input[data-scan]")) {
    taken(event);
    accept(target, target.value);
    return;
  }
  const field = scanField();
  if (!field || target === field || event.repeat) return;
  if (event.key === "Shift") return; // comes before a capital letter
  const typed = types(target);
  const gap = typed ? GAP : GAP_OUTSIDE;
  const isOn = burst && burst.target === target && event.timeStamp - burst.last <= gap;
  if (event.key === "Enter") {
    if (!isOn || burst.text.length < LEAST || (typed && !CODE.test(burst.text))) {
      flush();
      return;
    }
    taken(event);
    clearTimeout(timer);
    const { text, before } = burst;
    burst = null;
    // It went into another field: that gets back what it had.
    if (typed && before !== null) {
      target.value = before;
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    accept(field, text);
    return;
  }
  if (event.key.length !== 1 || (event.key === " " && !isOn)) {
    flush();
    return;
  }
  if (!isOn) {
    flush();
    burst = { text: "", target, before: typed && "value" in target ? target.value : null, held: [], last: 0 };
  }
  burst.text += event.key;
  burst.last = event.timeStamp;
  if (!typed) {
    // Letters of a code are not the keys of the page: they wait until it is clear what they are.
    taken(event);
    burst.held.push(event);
    clearTimeout(timer);
    timer = setTimeout(flush, gap + 5);
  }
}, true);

// --- the camera ---
let camera;

async function hasCamera() {
  if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) return false;
  try {
    return (await navigator.mediaDevices.enumerateDevices()).some((device) => device.kind === "videoinput");
  } catch {
    return false;
  }
}

async function openCamera(field) {
  const { open } = await import("./scan/camera.js");
  open(field, accept, scanField);
}

/** Puts the camera's button beside every field that has none yet. */
async function dress() {
  const fields = [...document.querySelectorAll("input[data-scan]:not([data-scan-camera])")];
  if (!fields.length || !(await (camera ??= hasCamera()))) return;
  for (const field of fields) {
    if (field.dataset.scanCamera !== undefined) continue;
    field.dataset.scanCamera = "";
    const anchor = field.closest("label, .dk-affix") ?? field;
    const focused = document.activeElement === field;
    let row = anchor.parentElement;
    if (!row.classList.contains("dk-scan")) {
      row = document.createElement("div");
      row.className = "dk-scan";
      anchor.replaceWith(row);
      row.append(anchor);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-icon";
    button.setAttribute("aria-label", texts.scanCamera);
    button.title = texts.scanCamera;
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${new URL("../../vendor/icons.svg", import.meta.url).pathname}#scan`);
    icon.append(use);
    button.append(icon);
    button.addEventListener("click", () => openCamera(field));
    row.append(button);
    if (focused) field.focus({ preventScroll: true });
  }
}

document.addEventListener("htmx:after:settle", dress);
dress().then(() => {
  const kept = JSON.parse(sessionStorage.getItem(REOPEN) ?? "null");
  sessionStorage.removeItem(REOPEN);
  const field = scanField();
  if (field && kept?.path === location.pathname && Date.now() - kept.at < 15_000) openCamera(field);
});
