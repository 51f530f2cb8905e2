// When something was, as people say it: today and yesterday by name, this year without the year.
import { say } from "./texts.js";

/** "today 14:30", "Nov 21, 14:30", "Mar 2, 2025"; empty without a moment. */
export function when(at, now = new Date()) {
  if (!at) return "";
  const moment = new Date(at);
  const shown = (options) => new Intl.DateTimeFormat(document.documentElement.lang, options).format(moment);
  const time = shown({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = (date) => new Date(date).setHours(0, 0, 0, 0);
  const days = Math.round((day(now) - day(moment)) / 86_400_000);
  if (days === 0 || days === 1) return say(days ? "yesterday_at" : "today_at", { time });
  if (moment.getFullYear() === now.getFullYear()) return `${shown({ month: "long", day: "numeric" })} ${time}`;
  return shown({ dateStyle: "long" });
}
