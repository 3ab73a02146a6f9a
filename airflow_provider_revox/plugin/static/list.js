// The list of campaigns.

import { ask, at, campaignPage } from "./api.js";
import { countsBar, countsLegend, doneInWords } from "./counts.js";
import { byId, el, say, show } from "./dom.js";
import { ageMoments, launchInWords, reasonsInWords, revoxLink, taskKey, taskPath, timeAgo } from "./facts.js";
import { answered, failed } from "./problems.js";
import { keepLooking } from "./refresh.js";
import { stateBadge } from "./state.js";
import { capital, exact, number, plain } from "./words.js";

const FILTERS = ["dag_id", "state", "text"];
const COLUMNS = ["State", "Campaign", "Progress", "Left out", "Since", "Launch"];
const PAGE_SIZE = 25;
const TYPING_MS = 250;

const form = byId("filters");
let shown = "";

function wanted() {
  const query = new URLSearchParams(window.location.search);
  const page = Math.max(1, Number.parseInt(query.get("page"), 10) || 1);
  return { ...Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])), page };
}

// Keep the filters in the URL: of this page, and of Airflow's around it, where that shows this page's path.
function want(change) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...wanted(), ...change })) {
    if (value !== "" && !(name === "page" && value === 1)) query.set(name, value);
  }
  const search = query.size ? `?${query}` : "";
  window.history.replaceState(null, "", window.location.pathname + search);
  const around = window.parent;
  if (around !== window && around.location.pathname.endsWith(window.location.pathname)) {
    around.history.replaceState(around.history.state, "", around.location.pathname + search);
  }
}

function options(select, values, chosen, name) {
  const all = chosen && !values.includes(chosen) ? [...values, chosen] : values;
  if ([...select.options].slice(1).map((option) => option.value).join("\n") !== all.join("\n")) {
    select.replaceChildren(select.options[0], ...all.map((value) => el("option", { value }, name(value))));
  }
  select.value = chosen;
}

function leftOut(campaign) {
  const left = campaign.left_out;
  if (!left) return "-";
  if (!left.total) return "Nobody";
  const kinds = ["invalid", "duplicate", "suppressed"].filter((kind) => left[kind]);
  return [
    el("b", {}, number(left.total)),
    el("ul", { class: "small" }, kinds.map((kind) => el("li", {}, `${number(left[kind])} ${kind}`))),
    el("p", { class: "small quiet-text" }, reasonsInWords(left.reasons)),
  ];
}

function nameCell(campaign) {
  const listed = campaign.tasks ?? [];
  // Two rows may show one id: two connections may have a campaign with it.
  const key = [campaign.campaign_id, ...listed.slice(0, 1).map(taskKey)].join("-");
  const name = el(
    "a",
    { href: campaignPage(campaign.campaign_id), class: "name", "data-key": `${key}-name` },
    campaign.name || "Campaign without a name",
  );
  const tasks = listed.map((task) => el("li", {}, taskPath(task)));
  return [
    name,
    el("ul", { class: "tasks" }, tasks),
    revoxLink(campaign, `${key}-revox`),
  ];
}

function lastSeen(campaign, now) {
  return campaign.seen_at ? timeAgo(campaign.seen_at, now) : "at the launch";
}

function progressCell(campaign, now) {
  const problem = campaign.problem
    ? el("p", { class: "small warning-text", title: campaign.problem }, "Last known ", lastSeen(campaign, now))
    : null;
  if (!campaign.counts) return [el("p", { class: "quiet-text" }, "Nothing seen yet"), problem];
  const done = el("p", { class: "small" }, doneInWords(campaign.counts));
  return [countsBar(campaign.counts), done, countsLegend(campaign.counts), problem];
}

function row(campaign, now) {
  const launch = el("span", { title: campaign.launch?.reason }, launchInWords(campaign.launch));
  const since = campaign.since
    ? [timeAgo(campaign.since, now), el("p", { class: "small quiet-text" }, exact(campaign.since))]
    : ["-"];
  const cells = [[stateBadge(campaign.state)], nameCell(campaign), progressCell(campaign, now), leftOut(campaign), since, [launch]];
  return el(
    "tr",
    { role: "row" },
    cells.map((cell, index) => el("td", { role: "cell", "data-label": COLUMNS[index] }, cell)),
  );
}

function table(answer) {
  const heads = COLUMNS.map((column) => el("th", { scope: "col", role: "columnheader" }, column));
  return el(
    "table",
    { role: "table", "aria-label": "Revox campaigns" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads)),
    el("tbody", { role: "rowgroup" }, answer.campaigns.map((campaign) => row(campaign, answer.now))),
  );
}

function empty(filtered) {
  if (filtered) {
    return el("div", { class: "empty" }, el("h2", {}, "No campaign matches"), el("p", {}, "Clear a filter to see more."));
  }
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "No campaigns yet"),
    el("p", {}, "A campaign shows here as soon as a task has launched it or waits for it."),
    el("p", {}, "Run a DAG with ", el("code", {}, "CreateCampaignOperator"), " and a connection of type Revox."),
  );
}

function pages(answer) {
  const last = Math.max(1, Math.ceil(answer.total / answer.page_size));
  byId("pages").hidden = last === 1;
  const turn = (to) => () => {
    want({ page: to });
    void look();
  };
  const button = (text, to, off) =>
    el("button", { type: "button", "data-key": text, disabled: off, onclick: turn(to) }, text);
  show(
    byId("pages"),
    button("Previous", answer.page - 1, answer.page <= 1),
    el("span", {}, `Page ${number(answer.page)} of ${number(last)}`),
    button("Next", answer.page + 1, answer.page >= last),
  );
}

function render(answer, filtered) {
  const { dag_id: dagId, state } = wanted();
  options(form.elements.dag_id, answer.dag_ids ?? [], dagId, (name) => name);
  options(form.elements.state, answer.states ?? [], state, (name) => capital(plain(name)));
  byId("clear").hidden = !filtered;
  const place = byId("campaigns");
  const content = JSON.stringify([answer.campaigns, answer.total, answer.page, filtered]);
  if (content !== shown) {
    shown = content;
    show(place, answer.campaigns.length ? table(answer) : empty(filtered));
    pages(answer);
    say(byId("found"), `${number(answer.total)} ${answer.total === 1 ? "campaign" : "campaigns"}`);
  }
  ageMoments(place, answer.now);
  place.setAttribute("aria-busy", "false");
  const count = `${number(answer.total)} ${answer.total === 1 ? "campaign" : "campaigns"}`;
  byId("updated").textContent = `${count}, updated ${exact(answer.now)}`;
}

const look = keepLooking(async (signal) => {
  const query = wanted();
  const address = at("api/campaigns");
  for (const [name, value] of Object.entries({ ...query, page_size: PAGE_SIZE })) {
    if (value !== "") address.searchParams.set(name, value);
  }
  try {
    const answer = await ask(address, { signal });
    render(answer, FILTERS.some((name) => query[name] !== ""));
    answered(answer.now, answer.campaigns.map((campaign) => campaign.problem).filter(Boolean));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    failed(error);
  }
});

let typing = 0;
form.elements.text.value = wanted().text;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  window.clearTimeout(typing);
  const change = { ...Object.fromEntries(new FormData(form)), page: 1 };
  want(change);
  typing = window.setTimeout(look, event.target.name === "text" ? TYPING_MS : 0);
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  form.elements.text.value = "";
  want({ dag_id: "", state: "", text: "", page: 1 });
  form.elements.text.focus();
  void look();
});
