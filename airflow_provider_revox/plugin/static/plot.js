// The progress of a campaign over time, as a stacked area.

import { PARTS, partsLegend, presentParts, totalOf } from "./counts.js";
import { el } from "./dom.js";
import { number, shortMoment, zoneName } from "./words.js";

const HEIGHT = 260;
const EDGE = { top: 10, right: 12, bottom: 26 };
const LETTER = 7.5;
const DAY_MS = 86_400_000;
const SECONDS_BELOW_MS = 600_000;

// Return about `wanted` round numbers from 0 to `top`.
export function roundTicks(top, wanted = 4) {
  if (top <= 0) return [0];
  const rough = top / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough) * power);
  const ticks = [0];
  while (ticks.at(-1) + step <= top) ticks.push(ticks.at(-1) + step);
  return ticks;
}

// Return at most `most` of the items, evenly, always with the first and the last.
export function thinned(items, most) {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => items[Math.round(index * step)]);
}

function areas(progress, x, y) {
  const floor = progress.map(() => 0);
  return PARTS.flatMap(([key]) => {
    if (!progress.some((seen) => seen.counts?.[key])) return [];
    const below = progress.map((seen, index) => [x(seen), y(floor[index])]);
    progress.forEach((seen, index) => (floor[index] += seen.counts?.[key] ?? 0));
    const above = progress.map((seen, index) => [x(seen), y(floor[index])]);
    const points = [...above, ...below.reverse()].map((point) => point.map((v) => v.toFixed(1)).join(",")).join(" ");
    return [el("polygon", { points, class: `area part-${key}` })];
  });
}

function yAxis(ticks, y, left, right) {
  return ticks.map((tick) =>
    el(
      "g",
      {},
      el("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), class: "grid" }),
      el("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, number(tick)),
    ),
  );
}

function xAxis(first, last, left, right) {
  const withDay = last - first > DAY_MS || new Date(first).getUTCDate() !== new Date(last).getUTCDate();
  const withSeconds = last - first < SECONDS_BELOW_MS;
  const count = Math.max(2, Math.min(6, Math.floor((right - left) / (withDay ? 130 : 90))));
  return Array.from({ length: count }, (_, index) => {
    const share = index / (count - 1);
    const anchor = index === 0 ? "start" : index === count - 1 ? "end" : "middle";
    const at = left + share * (right - left);
    const text = shortMoment(first + share * (last - first), withDay, withSeconds);
    return el("text", { x: at, y: HEIGHT - 6, "text-anchor": anchor }, text);
  });
}

// Draw the progress. `width` is in pixels of the page, so that the letters keep their size.
export function plot(progress, width) {
  const seen = progress.filter((one) => one.counts);
  const moments = seen.map((one) => Date.parse(one.at));
  const top = Math.max(1, ...seen.map((one) => totalOf(one.counts)));
  const ticks = roundTicks(top);
  const left = 14 + LETTER * number(ticks.at(-1)).length;
  const right = width - EDGE.right;
  const [first, last] = [moments[0], moments.at(-1)];
  const x = (one) => left + ((Date.parse(one.at) - first) / (last - first)) * (right - left);
  const y = (value) => EDGE.top + (1 - value / top) * (HEIGHT - EDGE.top - EDGE.bottom);
  const drawing = el(
    "svg",
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      role: "img",
      "aria-label": `People by state from ${shortMoment(first, true)} to ${shortMoment(last, true)} ${zoneName()}. ` +
        "The table below has the numbers.",
    },
    yAxis(ticks, y, left, right),
    areas(seen, x, y),
    el("line", { x1: left, x2: right, y1: y(0), y2: y(0), class: "axis" }),
    xAxis(first, last, left, right),
  );
  const keys = new Set(seen.flatMap((one) => presentParts(one.counts).map(([key]) => key)));
  return [drawing, partsLegend(keys, `Times in ${zoneName()}`)];
}

// Return whether there are two moments to draw a line between.
export function canPlot(progress) {
  const moments = progress.filter((one) => one.counts).map((one) => one.at);
  return new Set(moments).size > 1;
}
