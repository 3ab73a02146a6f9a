// The counts of a campaign's people, as a stacked bar and in words.

import { el } from "./dom.js";
import { number, percent } from "./words.js";

// In the order in which they are stacked: what is done comes first.
export const PARTS = [
  ["completed", "Completed"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
  ["calling", "Calling"],
  ["retry", "Retry"],
  ["pending", "Pending"],
  ["not_launched", "Not launched"],
];

// Return [key, label, value] of each part that somebody is in.
export function presentParts(counts) {
  return PARTS.map(([key, label]) => [key, label, counts?.[key] ?? 0]).filter(([, , value]) => value > 0);
}

export function totalOf(counts) {
  const sum = presentParts(counts).reduce((all, [, , value]) => all + value, 0);
  return Math.max(counts?.total ?? 0, sum);
}

function inWords(counts) {
  const words = presentParts(counts).map(([, label, value]) => `${number(value)} ${label.toLowerCase()}`);
  return `${words.join(", ") || "none"} of ${number(totalOf(counts))} people`;
}

export function countsBar(counts) {
  const bar = el("div", { class: "bar", role: "img", "aria-label": inWords(counts) });
  const parts = presentParts(counts);
  for (const [key, , value] of parts) {
    const part = el("span", { class: `part part-${key}` });
    part.style.flexGrow = value;
    bar.append(part);
  }
  const rest = totalOf(counts) - parts.reduce((all, [, , value]) => all + value, 0);
  if (rest > 0) {
    const part = el("span", { class: "part part-none" });
    part.style.flexGrow = rest;
    bar.append(part);
  }
  return bar;
}

// Return the numbers with their colours, such as "40 completed".
export function countsLegend(counts) {
  return el(
    "ul",
    { class: "legend" },
    presentParts(counts).map(([key, label, value]) =>
      el(
        "li",
        {},
        el("span", { class: `swatch part-${key}`, "aria-hidden": "true" }),
        el("b", {}, number(value)),
        ` ${label.toLowerCase()}`,
      ),
    ),
  );
}

// Return the names of the parts with their colours, for a plot of several moments.
export function partsLegend(keys, note) {
  const items = PARTS.filter(([key]) => keys.has(key)).map(([key, label]) =>
    el("li", {}, el("span", { class: `swatch part-${key}`, "aria-hidden": "true" }), label),
  );
  return el("ul", { class: "legend" }, items, el("li", {}, note));
}

// Return how far a campaign is, such as "42 of 100 done, 42%".
export function doneInWords(counts) {
  const total = totalOf(counts);
  const done = (counts?.completed ?? 0) + (counts?.failed ?? 0) + (counts?.skipped ?? 0);
  return `${number(done)} of ${number(total)} done, ${percent(done, total)}`;
}
