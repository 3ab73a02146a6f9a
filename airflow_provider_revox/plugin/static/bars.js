// Bars beside words: a funnel of people, and what the calls came to.

import { el } from "./dom.js";
import { reasonsInWords } from "./facts.js";
import { capital, number, percent, plain } from "./words.js";

// Return a list of bars. Each item is {label, value, from, tone, note}; `from` is where its bar begins.
function barList(items, whole) {
  return el(
    "ol",
    { class: "bars" },
    items.map(({ label, value, from = 0, tone = "plain", note = null, sign = "" }) => {
      const fill = el("span", { class: `fill ${tone}` });
      fill.style.marginInlineStart = `${whole ? (100 * from) / whole : 0}%`;
      fill.style.width = `${whole ? (100 * value) / whole : 0}%`;
      if (value > 0) fill.style.minWidth = "2px";
      return el(
        "li",
        {},
        el("span", { class: "bar-label" }, label),
        el("span", { class: "bar-value" }, `${value ? sign : ""}${number(value)}`),
        el("span", { class: "track", "aria-hidden": "true" }, fill),
        note ? el("span", { class: "bar-note small quiet-text" }, note) : null,
      );
    }),
  );
}

// Show what became of the records: what is left out falls from the end of the bar before.
export function reportFunnel(report) {
  const received = report.received ?? 0;
  let left = received;
  const out = (label, value, reasons) => {
    left -= value;
    return { label, value, from: left, tone: "out", note: reasonsInWords(reasons), sign: "−" };
  };
  const items = [
    { label: "Received", value: received },
    out("Invalid", report.invalid ?? 0, report.invalid_by_reason),
    out("Duplicate", report.duplicate ?? 0, null),
    out("Suppressed", report.suppressed ?? 0, report.suppressed_by_reason),
    { label: "To call", value: report.to_call ?? 0, tone: "good" },
  ];
  return barList(items, received);
}

// Show how the calls ended, the most frequent outcome first.
export function outcomeBars(outcomes) {
  const all = outcomes.reduce((sum, { count }) => sum + count, 0);
  const sorted = [...outcomes].sort((one, other) => other.count - one.count);
  const largest = sorted[0]?.count ?? 0;
  return barList(
    sorted.map(({ outcome, count }) => ({ label: capital(plain(outcome)), value: count, note: percent(count, all) })),
    largest,
  );
}

// Show how many people got how far, in the order of the steps.
export function funnelBars(funnel) {
  const whole = Math.max(0, ...funnel.map(({ count }) => count));
  return barList(
    funnel.map(({ step, count }) => ({ label: capital(plain(step)), value: count, note: percent(count, whole) })),
    whole,
  );
}
