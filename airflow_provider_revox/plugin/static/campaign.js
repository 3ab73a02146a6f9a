// The page of one campaign.

import { ask } from "./api.js";
import { funnelBars, outcomeBars, reportFunnel } from "./bars.js";
import { controls } from "./controls.js";
import { PARTS, countsBar, countsLegend, doneInWords } from "./counts.js";
import { byId, el, link, say, show } from "./dom.js";
import { ageMoments, launchInWords, revoxLink, seenInWords, taskKey, taskPath, timeAgo } from "./facts.js";
import { canPlot, plot, thinned } from "./plot.js";
import { answered, failed } from "./problems.js";
import { keepLooking } from "./refresh.js";
import { stateBadge } from "./state.js";
import { callingDay } from "./windows.js";
import { duration, exact, number } from "./words.js";

const TABLE_ROWS = 50;
const campaignId = decodeURIComponent(window.location.pathname.split("/").filter(Boolean).at(-1));
let known = null;
let shown = "";

function section(id, content) {
  byId(id).hidden = content === null;
  if (content !== null) show(byId(id).lastElementChild, content);
}

function head(campaign) {
  const name = campaign.name || "Campaign without a name";
  document.title = `${name} - Revox campaign`;
  byId("name").textContent = name;
  const launch = launchInWords(campaign.launch);
  const reason = campaign.launch?.reason ? `: ${campaign.launch.reason}` : "";
  show(
    byId("line"),
    stateBadge(campaign.state),
    campaign.since ? el("span", {}, "Since ", timeAgo(campaign.since, known.now)) : null,
    campaign.launch ? el("span", {}, launch + reason) : null,
    revoxLink(campaign, "revox"),
  );
}

function standing(campaign) {
  if (!campaign.counts) {
    return [el("p", { class: "quiet-text" }, "No task has seen the counts yet. They show after the first look.")];
  }
  return [
    el("p", { class: "big" }, doneInWords(campaign.counts)),
    countsBar(campaign.counts),
    countsLegend(campaign.counts),
    el("p", { class: "small" }, seenInWords(campaign, known.now)),
  ];
}

// Return what was seen so far, with what is seen now.
function progressUntilNow() {
  const progress = known.progress ?? [];
  const { seen_at: at, counts, state } = known;
  const isNewer = at && counts && (progress.length === 0 || Date.parse(at) > Date.parse(progress.at(-1).at));
  return isNewer ? [...progress, { at, counts, state }] : progress;
}

function drawPlot() {
  const progress = progressUntilNow();
  const place = byId("plot");
  if (canPlot(progress)) show(place, plot(progress, Math.max(260, place.clientWidth)));
  else show(place, el("p", { class: "quiet-text" }, "The plot begins with the second look at the campaign."));
}

function cells(tag, values) {
  return el("tr", {}, values.map((value) => el(tag, { scope: tag === "th" ? "col" : null }, value)));
}

function progressTable(progress) {
  const used = PARTS.filter(([key]) => progress.some((seen) => seen.counts?.[key]));
  const rows = thinned(progress, TABLE_ROWS).map((seen) =>
    cells("td", [exact(seen.at), seen.state ?? "", ...used.map(([key]) => number(seen.counts?.[key] ?? 0))]),
  );
  const heads = ["When", "State", ...used.map(([, label]) => label)];
  return el(
    "div",
    { class: "scroll", "data-key": "progress-table", tabindex: 0, role: "region", "aria-label": "Progress as a table" },
    el("table", { class: "plain" }, el("thead", {}, cells("th", heads)), el("tbody", {}, rows)),
  );
}

function triesOf(task) {
  const same = ["dag_id", "run_id", "task_id", "map_index"];
  return (known.tries ?? []).filter((one) => same.every((name) => one[name] === task[name]));
}

function tryItem(one) {
  const took = one.started_at ? `took ${duration(one.started_at, one.ended_at ?? known.now)}` : "not started";
  const began = one.started_at ? el("span", { class: "quiet-text" }, exact(one.started_at)) : null;
  const key = `${taskKey(one)}-try-${one.try_number}`;
  const log = one.log_url ? link("Log", one.log_url, { key, label: `Log of try ${one.try_number}` }) : null;
  const running = one.ended_at || !one.started_at ? took : took.replace("took", "for");
  return el("li", {}, el("b", {}, `Try ${one.try_number}`), stateBadge(one.state), began, el("span", {}, running), log);
}

function tasks(campaign) {
  const roles = new Map([["launch", "Launches"], ["wait", "Waits"]]);
  return el(
    "ul",
    { class: "task-list" },
    (campaign.tasks ?? []).map((task) =>
      el(
        "li",
        {},
        el("div", { class: "line" }, el("span", { class: "role" }, roles.get(task.role) ?? task.role ?? "Task"), taskPath(task)),
        el("ol", { class: "tries" }, triesOf(task).map(tryItem)),
      ),
    ),
  );
}

function render(campaign) {
  known = campaign;
  const content = JSON.stringify({ ...campaign, now: null });
  if (content !== shown) {
    byId("campaign").hidden = false;
    byId("loading").hidden = true;
    head(campaign);
    controls(campaign, changed);
    show(byId("now"), standing(campaign));
    drawPlot();
    const progress = progressUntilNow();
    section("progress-table", progress.length ? progressTable(progress) : null);
    section("report", campaign.report ? reportFunnel(campaign.report) : null);
    section("windows", campaign.calling_windows ? callingDay(campaign.calling_windows) : null);
    section("outcomes", campaign.statistics?.outcomes?.length ? outcomeBars(campaign.statistics.outcomes) : null);
    section("funnel", campaign.statistics?.funnel?.length ? funnelBars(campaign.statistics.funnel) : null);
    section("tasks", tasks(campaign));
    shown = content; // last, so that what could not be drawn is drawn at the next look
  }
  ageMoments(byId("campaign"), campaign.now);
}

// Show what a control has done; without an answer nothing is known, so look.
function changed(campaign) {
  if (campaign) render({ ...known, ...campaign });
  void look();
}

const look = keepLooking(async (signal) => {
  try {
    const campaign = await ask(`api/campaigns/${encodeURIComponent(campaignId)}`, { signal });
    render(campaign);
    answered(campaign.now, [campaign.problem].filter(Boolean));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (known === null) say(byId("loading"), "");
    failed(error);
  }
});

// The list as the user left it, with its filters, is one step back.
byId("back").addEventListener("click", (event) => {
  const before = document.referrer && new URL(document.referrer);
  const list = new URL("../", window.location.href);
  if (!before || before.origin !== list.origin || before.pathname !== list.pathname) return;
  event.preventDefault();
  window.history.back();
});
byId("name").tabIndex = -1;
new ResizeObserver(() => known && drawPlot()).observe(byId("plot"));
