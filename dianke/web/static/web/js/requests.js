// What every htmx request shares: the busy line, failures in words, and full pages that arrive where a part was meant
// (a session that ended, a redirect after saving) opened as pages.
import { texts } from "./texts.js";
import { problem } from "./dialogs.js";

const busy = () => document.querySelector(".dk-busy");
let running = 0;

document.addEventListener("htmx:before:request", () => {
  running += 1;
  busy()?.classList.add("is-on");
});

document.addEventListener("htmx:finally:request", () => {
  running = Math.max(0, running - 1);
  if (!running) busy()?.classList.remove("is-on");
});

// --- requests of one form ---
const underWay = new WeakMap(); // form → its requests that have no answer yet
const formOf = (ctx) => ctx.request?.form ?? null;

/** Whether an answer to this form is still to come. */
export const isUnderWay = (form) => Boolean(underWay.get(form)?.size);

// A request that waited for another of its form (hx-sync="…:queue all") says what the form says when its turn comes: the
// answer before may have brought a line. What was asked for stays, and so does a field that was emptied since.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = formOf(ctx);
  if (!form) return;
  if (ctx.hasWaited && form.isConnected && ctx.request.body instanceof URLSearchParams) {
    const now = new URLSearchParams(new FormData(form));
    const { submitter } = ctx.request;
    if (submitter?.name) now.set(submitter.name, submitter.value);
    for (const [name, value] of Object.entries(ctx.vals ?? {})) now.set(name, value);
    for (const [name, value] of ctx.request.body) if (value && now.get(name) === "") now.set(name, value);
    ctx.request.body = now;
  }
  underWay.set(form, (underWay.get(form) ?? new Set()).add(ctx));
});

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.hasWaited = isUnderWay(formOf(ctx));
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => underWay.get(formOf(ctx))?.delete(ctx));

// A request a newer one of the same element takes the place of (hx-sync="this:replace") is let go, not aborted: htmx
// tells the console of an abort as of an error, and forgets that the newer one runs. Its answer is not used.
const newest = new WeakMap();

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const source = ctx.sourceElement;
  if (!source.getAttribute("hx-sync")?.endsWith("replace")) return;
  const { abort } = ctx.request;
  newest.set(source, ctx);
  ctx.request.abort = () => newest.get(source) === ctx && abort(); // when it takes too long
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if ((newest.get(ctx.sourceElement) ?? ctx) !== ctx) event.preventDefault();
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx?.response) return;
  const isPage = /^\s*<!doctype html/i.test(ctx.text ?? "");
  const wantsPage = ctx.target === document.body || ctx.select;
  if (isPage && !wantsPage) {
    event.preventDefault();
    location.href = ctx.response.raw.redirected ? ctx.response.raw.url : location.href;
  }
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  const status = ctx.response.status;
  const says = ctx.hx?.trigger?.includes("dk:problem") || ctx.hx?.redirect;
  if (status !== 422 && !says) problem(texts.problem, texts.failed);
});

document.addEventListener("htmx:error", (event) => {
  const { error, ctx } = event.detail;
  if (!ctx || ctx.response) return;
  if (error?.name === "AbortError") {
    if (ctx.status?.includes("timeout")) problem(texts.problem, texts.timeout);
    return;
  }
  problem(texts.problem, navigator.onLine ? texts.failed : texts.offline);
});

document.addEventListener("dk:problem", (event) => problem(event.detail.title, event.detail.text));

// What replaced itself is told to the document, but everything listens at the body.
document.addEventListener("dk:changed", (event) => {
  if (event.target === document) document.body.dispatchEvent(new CustomEvent("dk:changed"));
});
