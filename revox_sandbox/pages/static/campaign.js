import { NotThere, PARTS, byId, keepLoading, make, makeClock, moment, read, setText, showBar, showPages, showProblem, showState, words } from "./common.js";

const id = location.pathname.split("/").pop();
let page = 1;

function showFacts(campaign) {
  const { hours } = campaign;
  const windows = hours.windows.length ? hours.windows.join(", ") : "all day";
  const facts = [
    ["Calls", `${campaign.attempts.toLocaleString("en")}, at most ${campaign.max_attempts} to a person`],
    ["Windows", `${windows}, ${hours.days}`],
    ["Time zone", hours.timezone],
    ["There", `${hours.local_time}, ${hours.is_open ? "open" : "closed"}`],
    ["Created", moment(campaign.created_at)],
    ["Campaign", campaign.id],
  ];
  byId("facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

function showOutcomes(outcomes) {
  const counts = Object.entries(outcomes), most = Math.max(1, ...Object.values(outcomes));
  byId("no-outcomes").hidden = counts.length > 0;
  byId("outcomes").replaceChildren(...counts.flatMap(([name, count]) => {
    const bar = make("i");
    bar.style.width = `${(70 * count) / most}%`;
    return [make("dt", {}, words(name)), make("dd", {}, bar, count.toLocaleString("en"))];
  }));
}

function makeRow(row) {
  const last = [row.result, row.outcome].filter(Boolean).map(words).join(" · ");
  return make("tr", {},
    make("td", { class: "number" }, String(row.index + 1)),
    make("td", {}, row.number),
    make("td", { class: row.part }, make("i"), words(row.part)),
    make("td", { class: "number" }, String(row.attempts)),
    make("td", {}, last || "–"),
  );
}

async function load() {
  try {
    const campaign = await read(`/pages/campaigns/${id}?page=${page}${part.value && `&part=${part.value}`}`);
    if (page > campaign.pages) return go(campaign.pages);
    const name = campaign.name || "(no name)";
    document.title = `${name} · Revox sandbox`;
    setText(byId("name"), name);
    showState(byId("state"), campaign.state);
    showBar(byId("progress"), campaign.total, campaign.parts);
    showFacts(campaign);
    showOutcomes(campaign.outcomes);
    byId("rows").replaceChildren(...campaign.rows.map(makeRow));
    byId("nobody").hidden = campaign.rows.length > 0;
    showPages(byId("pages"), campaign.page, campaign.pages, go);
    setTime(campaign.speed, campaign.now);
    byId("campaign").hidden = false;
    showProblem();
  } catch (error) {
    showProblem(error instanceof NotThere
      ? "There is no such campaign. The sandbox forgets its campaigns when it ends."
      : `The sandbox does not answer. This is what it said last. (${error.message})`);
  }
}

function go(to) {
  page = to;
  return load();
}

const part = byId("part");
part.append(make("option", { value: "" }, "everybody"), ...PARTS.map((name) => make("option", { value: name }, words(name))));
part.addEventListener("change", () => go(1));
const setTime = makeClock(load);
keepLoading(load);
