// One-line behaviours: copy, print, words put where one writes, appearance at once, a whole row as a link, numbers typed with full-width digits.
import { texts } from "./texts.js";
import { toast } from "./toasts.js";

let written = null; // the [data-words] one wrote in last; [data-insert] puts its words there
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-words]")) written = event.target;
});

document.addEventListener("click", async (event) => {
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    try {
      await navigator.clipboard.writeText(copier.dataset.copy);
      toast(texts.copied);
    } catch {
      toast(texts.copyFailed);
    }
    return;
  }
  const inserter = event.target.closest("[data-insert]");
  if (inserter) {
    const form = inserter.closest("form");
    const field = form.contains(written) ? written : form.querySelector("textarea[data-words]");
    field.focus();
    field.setRangeText(inserter.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  if (event.target.closest("[data-print]")) {
    print();
    return;
  }
  const row = event.target.closest("[data-href]");
  if (row && !event.target.closest("a, button, input, label, summary, select, textarea") && !getSelection().toString()) {
    const link = row.querySelector(`a[href="${CSS.escape(row.dataset.href)}"]`) ?? row.querySelector("a.is-main");
    if (link) link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey }));
    else location.href = row.dataset.href;
  }
});

if (document.querySelector("[data-print=now]")) addEventListener("load", () => print());

// Appearance changes under the finger; the server remembers it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.themeForm === undefined) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const root = document.documentElement;
  root.dataset.theme = theme;
  root.dataset.bsTheme = theme === "system" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
  document.dispatchEvent(new CustomEvent("dk:theme"));
  const data = new FormData(form, event.submitter);
  fetch(form.action, { method: "POST", body: data }).catch(() => {});
});

// 全角 digits and points are what a Chinese keyboard gives; amounts want the plain ones.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches?.("input[inputmode=decimal], input[inputmode=numeric], input[type=tel]")) return;
  const plain = field.value.normalize("NFKC").replaceAll("。", ".").trim();
  if (plain !== field.value) field.value = plain;
});

// The current page of a strip or tab row stands in sight.
for (const current of document.querySelectorAll(".dk-strip [aria-current], .dk-tabs [aria-current]")) {
  const row = current.parentElement;
  row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}
