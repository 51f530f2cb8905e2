// Digits for fingers: a pad that types into the field it names, as the keyboard would.
import { html } from "./lit.js";
import { icon } from "./part.js";
import { say } from "./texts.js";

/** Buttons 1–9, a point (or nothing), 0 and back; `type(key)` is told "0"…"9", "." or "Backspace". */
export function pad(type, { point = true } = {}) {
  const key = (name) => html`<button type="button" class="btn tl-key num" @pointerdown=${(event) => event.preventDefault()} @click=${() => type(name)}>${name}</button>`;
  return html`
    <div class="tl-pad" role="group" aria-label=${say("pad")}>
      ${"123456789".split("").map(key)}
      ${point ? key(".") : html`<span></span>`}${key("0")}
      <button type="button" class="btn tl-key" aria-label=${say("backspace")} @pointerdown=${(event) => event.preventDefault()} @click=${() => type("Backspace")}>${icon("backspace")}</button>
    </div>`;
}

/** `text` after a key of the pad. A field that was only filled in for convenience (`isFresh`) begins anew. */
export function pressed(text, key, isFresh = false) {
  if (key === "Backspace") return isFresh ? "" : text.slice(0, -1);
  if (isFresh) return key === "." ? "0." : key;
  if (key === "." && text.includes(".")) return text;
  return text === "0" && key !== "." ? key : text + key;
}
