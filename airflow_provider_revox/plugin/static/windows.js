// The calling windows as one day of the campaign's zone, with "now" marked.

import { el } from "./dom.js";
import { capital } from "./words.js";

const DAY = 1440;
const WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

function minutes(clock) {
  const [hours, rest] = clock.split(":").map(Number);
  return 60 * hours + rest;
}

// Return [start, end] in minutes. A window over midnight is two parts of a day.
export function parts({ start, end }) {
  const [from, to] = [minutes(start), minutes(end)];
  if (to > from) return [[from, to]];
  return [[from, DAY], [0, to]].filter(([one, other]) => other > one);
}

// Return days in words: "Monday to Friday", "Monday, Wednesday". Without a list every day is allowed.
export function daysInWords(days) {
  const known = WEEK.filter((day) => (days ?? WEEK).map((one) => one.toLowerCase()).includes(day));
  if (known.length === 0) return "on no day";
  if (known.length === WEEK.length) return "every day";
  const [first, last] = [known[0], known.at(-1)];
  const isRow = WEEK.indexOf(last) - WEEK.indexOf(first) === known.length - 1;
  if (known.length > 2 && isRow) return `${capital(first)} to ${capital(last)}`;
  return known.map(capital).join(", ");
}

function nowMark(now) {
  const at = minutes(now);
  const mark = el("span", { class: at > DAY / 2 ? "now before" : "now" }, el("span", {}, `now ${now}`));
  mark.style.left = `${(100 * at) / DAY}%`;
  return mark;
}

// Show the windows of `calling`: {timezone, windows, days, now, is_open}. Without a time zone of the campaign, Revox goes
// by the zone of each person: then there is no "now".
export function callingDay(calling) {
  const place = el("div", { class: "day", "aria-hidden": "true" });
  for (const [from, to] of calling.windows.flatMap(parts)) {
    const open = el("span", { class: "open" });
    open.style.left = `${(100 * from) / DAY}%`;
    open.style.width = `${(100 * (to - from)) / DAY}%`;
    place.append(open);
  }
  const hasZone = calling.now !== null;
  if (hasZone) place.append(nowMark(calling.now));
  const hours = ["00", "06", "12", "18", "24"].map((hour) => el("span", {}, hour));
  const times = calling.windows.map(({ start, end }) => `${start} to ${end}`).join(" and ");
  const state = calling.is_open ? "Calls are made now." : "No calls are made now.";
  return [
    place,
    el("div", { class: "hours small quiet-text", "aria-hidden": "true" }, hours),
    el("p", {}, hasZone ? el("b", {}, `${state} `) : null, `Calling hours are ${times || "all day"}, ${daysInWords(calling.days)}.`),
    el(
      "p",
      { class: "small quiet-text" },
      hasZone ? `It is ${calling.now} in ${calling.timezone}.` : "The hours are in each person’s own time zone.",
    ),
  ];
}
