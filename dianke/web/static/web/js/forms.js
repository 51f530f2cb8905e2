// Nothing typed is lost. <form data-guard> warns before leaving with changes; <form data-draft="customer-new"> also keeps
// what was typed on this device until it is saved (never passwords, never fields marked data-private).
// data-autosubmit sends a form when a field changes; Ctrl-S saves; a form is sent once.
import { texts } from "./texts.js";

const LIFE = 3 * 24 * 3600 * 1000;
const PREFIX = "dk-draft:";
const starts = new WeakMap();
const sent = new WeakSet();

const fields = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken" && field.type !== "hidden" && field.tagName !== "BUTTON" && field.type !== "submit");
const valueOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.type === "file" ? field.files.length : field.type === "select-multiple" ? [...field.selectedOptions].map((option) => option.value).join("\n") : field.value);
const state = (form) => JSON.stringify(fields(form).map((field) => [field.name, valueOf(field)]));

export function isDirty(form) {
  return starts.has(form) && !sent.has(form) && starts.get(form) !== state(form);
}

export function forget(form) {
  starts.delete(form);
}

function draftKey(form) {
  return form.dataset.draft ? PREFIX + form.dataset.draft : null;
}

function keepDraft(form) {
  const key = draftKey(form);
  if (!key) return;
  const values = fields(form)
    .filter((field) => field.type !== "password" && field.type !== "file" && field.dataset.private === undefined)
    .map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? field.value : null, valueOf(field)]);
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
  } catch {
    // A full or forbidden storage only means that there is no draft.
  }
}

function dropDraft(form) {
  const key = draftKey(form);
  if (key) localStorage.removeItem(key);
}

function putBack(form) {
  const key = draftKey(form);
  const text = key && localStorage.getItem(key);
  if (!text) return;
  const { at, values } = JSON.parse(text);
  // An answer with errors brings its own values; they are newer than the draft.
  if (Date.now() - at > LIFE || form.querySelector("[aria-invalid=true]")) {
    localStorage.removeItem(key);
    return;
  }
  let changed = false;
  for (const [name, option, value] of values) {
    for (const field of fields(form)) {
      if (field.name !== name || (option !== null && field.value !== option) || valueOf(field) === value) continue;
      if (typeof value === "boolean") field.checked = value;
      else if (field.type === "select-multiple") for (const one of field.options) one.selected = value.split("\n").includes(one.value);
      else if (field.type !== "file") field.value = value;
      changed = true;
    }
  }
  if (!changed) return;
  const note = document.createElement("div");
  note.className = "dk-alert is-wait";
  note.setAttribute("role", "status");
  const words = document.createElement("div");
  words.className = "dk-alert-text";
  words.textContent = texts.restored;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-s";
  button.textContent = texts.discard;
  button.addEventListener("click", () => {
    dropDraft(form);
    form.reset();
    note.remove();
    mark(form);
  });
  note.append(words, button);
  form.prepend(note);
}

function mark(form) {
  for (const element of form.querySelectorAll("[data-when-dirty]")) element.hidden = !isDirty(form);
}

export function watch(root = document) {
  for (const form of root.querySelectorAll("form[data-guard], form[data-draft]")) {
    if (starts.has(form)) continue;
    starts.set(form, state(form));
    putBack(form);
    mark(form);
  }
}

let later;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form || !starts.has(form)) return;
  mark(form);
  clearTimeout(later);
  later = setTimeout(() => keepDraft(form), 300);
});

const sendsItself = (field) => field.form?.dataset.autosubmit !== undefined && field.dataset.noAutosubmit === undefined;
let typing;
document.addEventListener("change", (event) => {
  if (event.target.type !== "search" && sendsItself(event.target)) event.target.form.requestSubmit();
});
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.type !== "search" || event.isComposing || !sendsItself(field)) return;
  clearTimeout(typing);
  typing = setTimeout(() => field.form?.requestSubmit(), 300);
});
// What was composed with a Chinese keyboard counts when it is finished.
document.addEventListener("compositionend", (event) => {
  if (event.target.type === "search" && sendsItself(event.target)) event.target.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  // Who signs out of a shared computer leaves nothing behind that was typed.
  if (form.dataset.signOut !== undefined) {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
    return;
  }
  if (form.dataset.draft) keepDraft(form);
  sent.add(form);
  // The server's answer replaces the page; coming back by the browser's button must find the form usable.
  if (form.method === "post" && !form.closest("dialog") && !form.hasAttribute("hx-post")) {
    const buttons = form.querySelectorAll("[type=submit]");
    setTimeout(() => buttons.forEach((button) => { button.setAttribute("aria-disabled", "true"); button.dataset.wait = ""; }));
    setTimeout(() => buttons.forEach((button) => { button.removeAttribute("aria-disabled"); delete button.dataset.wait; }), 8000);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[type=submit][data-wait]");
  if (button) event.preventDefault();
}, true);

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("form") ?? event.detail.ctx?.sourceElement?.closest?.("form");
  if (!form) return;
  const status = event.detail.ctx?.response?.status ?? 0;
  if (status >= 200 && status < 400) dropDraft(form);
  else sent.delete(form);
});

// A page that says data-saved="customer-new" tells that the draft of that name was saved.
for (const element of document.querySelectorAll("[data-saved]")) localStorage.removeItem(PREFIX + element.dataset.saved);

addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-guard]")].some(isDirty)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    const form = document.activeElement?.form ?? document.querySelector("dialog[open] form[data-guard], form[data-guard]");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
  }
});

document.addEventListener("htmx:after:settle", () => watch());
watch();
document.querySelector("main form [aria-invalid=true]")?.focus();
