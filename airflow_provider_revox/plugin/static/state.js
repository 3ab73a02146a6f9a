// A state as a shape, a word and a colour: each of them alone tells it.

import { el } from "./dom.js";
import { capital, plain } from "./words.js";

const SHAPES = {
  play: "M5 3.5v9l7.5-4.5z",
  bars: "M4.5 3.5h2.5v9h-2.5z M9 3.5h2.5v9h-2.5z",
  check: "M3 8.5l3.4 3.4L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  stop: "M4 4h8v8h-8z",
  ring: "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z M8 5v3.2l2.2 1.5",
  turn: "M12.5 8a4.5 4.5 0 1 1-1.4-3.3M12.7 2.3v3h-3",
};
const DRAWN = new Set(["check", "cross", "ring", "clock", "turn"]);

const STATES = {
  running: ["play", "active"],
  paused: ["bars", "warning"],
  completed: ["check", "good"],
  cancelled: ["stop", "bad"],
  canceled: ["stop", "bad"],
  draft: ["ring", "quiet"],
  scheduled: ["clock", "quiet"],
  // Those of Airflow's tasks.
  success: ["check", "good"],
  failed: ["cross", "bad"],
  upstream_failed: ["cross", "bad"],
  deferred: ["clock", "active"],
  up_for_reschedule: ["clock", "active"],
  up_for_retry: ["turn", "warning"],
};

export function stateBadge(state) {
  const [shape, tone] = Object.hasOwn(STATES, state) ? STATES[state] : ["ring", "quiet"];
  const drawn = DRAWN.has(shape) ? "drawn" : "filled";
  return el(
    "span",
    { class: `badge ${tone}` },
    el(
      "svg",
      { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true", class: drawn },
      el("path", { d: SHAPES[shape] }),
    ),
    capital(plain(state ?? "not started")),
  );
}
