// Which sheet lies over the till: by its name, with what it is told.
import { html, nothing } from "./lit.js";
import "./channel.js";
import "./holding.js";
import "./line.js";
import "./member.js";
import "./more.js";
import "./past.js";
import "./pay.js";
import "./prepaid.js";
import "./returning.js";
import "./shift.js";
import "./whole.js";

const SHEETS = {
  member: (app) => html`<dk-till-member-sheet .till=${app.till} .basket=${app.basket}></dk-till-member-sheet>`,
  line: (app, sheet) => html`<dk-till-line .till=${app.till} .basket=${app.basket} .key=${sheet.key} .people=${app.people}></dk-till-line>`,
  "order-off": (app) => html`<dk-till-order-off .till=${app.till} .basket=${app.basket}></dk-till-order-off>`,
  note: (app) => html`<dk-till-note .till=${app.till} .basket=${app.basket}></dk-till-note>`,
  gift: (app, sheet) => html`<dk-till-gift .till=${app.till} .basket=${app.basket} .gift=${sheet.gift}></dk-till-gift>`,
  pay: (app, sheet) => html`<dk-till-pay .till=${app.till} .basket=${app.basket} .priced=${sheet.priced} .first=${sheet.tender} .exchange=${app.exchange}></dk-till-pay>`,
  channel: (app, sheet) => html`<dk-till-channel .till=${app.till} .basket=${app.basket} .priced=${sheet.priced} .tender=${sheet.tender}></dk-till-channel>`,
  done: (app, sheet) => html`<dk-till-done .till=${app.till} .result=${sheet.result}></dk-till-done>`,
  hold: (app) => html`<dk-till-hold .till=${app.till} .basket=${app.basket} .amount=${app.priced?.paid_amount ?? null}></dk-till-hold>`,
  held: (app) => html`<dk-till-held .till=${app.till} .basket=${app.basket}></dk-till-held>`,
  past: (app) => html`<dk-till-past .till=${app.till}></dk-till-past>`,
  prepaid: (app) => html`<dk-till-prepaid .till=${app.till} .basket=${app.basket}></dk-till-prepaid>`,
  return: (app, sheet) => html`<dk-till-returning .till=${app.till} .id=${sheet.id ?? null}></dk-till-returning>`,
  shift: (app, sheet) => html`<dk-till-shift .till=${app.till} .first=${sheet.page ?? ""}></dk-till-shift>`,
  person: (app) => html`<dk-till-person .till=${app.till}></dk-till-person>`,
  queue: (app) => html`<dk-till-queue .till=${app.till}></dk-till-queue>`,
  keys: () => html`<dk-till-keys></dk-till-keys>`,
  menu: (app) => html`<dk-till-menu .till=${app.till}></dk-till-menu>`,
};

/** The open sheet of the screen, or nothing. */
export function sheetOf(app) {
  return SHEETS[app.sheet?.name]?.(app, app.sheet) ?? nothing;
}
