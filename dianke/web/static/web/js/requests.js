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
