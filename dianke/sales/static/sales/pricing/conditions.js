// When, where and for whom an offer holds: rules/conditions.py of promotions in JavaScript. Answers are codes or null.

/** The clock of the store out of "2026-11-11T20:15:00+08:00": text that compares, and its parts. */
export function localTime(at) {
  const text = at.slice(0, 19).padEnd(19, ":00");
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number);
  return { text, minute: Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)), day: dayOf(year, month, day) };
}

// Dates as days: only weekday and day of the month are asked for, so UTC stands for any zone.
function dayOf(year, month, day) {
  return Date.UTC(year, month - 1, day) / 86400000;
}

export function whyNotWhen(when, local) {
  if (!when) return null;
  if (when.from_at && local.text < fullTime(when.from_at)) return "not_begun";
  if (when.to_at && local.text >= fullTime(when.to_at)) return "is_over";
  if (!some(when.weekdays) && !some(when.month_days) && !some(when.hours)) return null;
  const days = some(when.hours) ? [] : [local.day];
  for (const [from, to] of when.hours ?? []) {
    const begin = minuteOf(from);
    const end = minuteOf(to);
    if ((begin <= local.minute && local.minute < end) || (end < begin && begin <= local.minute)) days.push(local.day);
    else if (local.minute < end && end < begin) days.push(local.day - 1);
  }
  if (!days.length) return "other_hour";
  return days.some((day) => hasDay(when, day)) ? null : "other_day";
}

function fullTime(text) {
  return text.length === 16 ? `${text}:00` : text;
}

function minuteOf(text) {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

function hasDay(when, day) {
  const date = new Date(day * 86400000);
  if (some(when.weekdays) && !when.weekdays.includes(date.getUTCDay() || 7)) return false;
  return !some(when.month_days) || when.month_days.includes(date.getUTCDate());
}

function some(list) {
  return Boolean(list && list.length);
}

export function whyNotAudience(audience, cart) {
  if (!audience) return null;
  if (some(audience.store_ids) && !audience.store_ids.includes(cart.store_id)) return "other_store";
  if (some(audience.channels) && !audience.channels.includes(cart.channel ?? "")) return "other_channel";
  if (audience.is_members_only && !cart.is_member) return "members_only";
  if (some(audience.tiers) && !audience.tiers.includes(cart.tier ?? "")) return "other_tier";
  if (some(audience.segment_ids) && becauseOf(audience, cart) === null) return "other_segment";
  if (audience.is_birthday_month && !cart.is_birthday_month) return "not_birthday_month";
  if (audience.is_first_purchase && !cart.is_first_purchase) return "not_first_purchase";
  return null;
}

/** The name of the segment that lets the customer have it; null where none is asked for or none holds them. */
export function becauseOf(audience, cart) {
  const held = (audience?.segment_ids ?? []).filter((id) => id in (cart.segments ?? {}));
  return held.length ? cart.segments[Math.min(...held)] : null;
}
