import { byId, keepLoading, make, makeClock, moment, people, read, setText, showBar, showPages, showProblem, showState } from "./common.js";

const cards = new Map();
let page = 1;

function makeCard(campaign) {
  const link = make("a", { href: `/campaigns/${encodeURIComponent(campaign.id)}` });
  const state = make("span"), bar = make("div"), when = make("p", { class: "quiet" });
  return { item: make("li", {}, make("div", { class: "title" }, link, state), bar, when), link, state, bar, when };
}

function showCampaign(campaign) {
  if (!cards.has(campaign.id)) cards.set(campaign.id, makeCard(campaign));
  const card = cards.get(campaign.id);
  setText(card.link, campaign.name || "(no name)");
  showState(card.state, campaign.state);
  showBar(card.bar, campaign.total, campaign.parts);
  setText(card.when, `${people(campaign.total)} · created ${moment(campaign.created_at)}`);
  return card.item;
}

async function load() {
  try {
    const list = await read(`/pages/campaigns?page=${page}`);
    if (page > list.pages) return go(list.pages);
    const shown = new Set(list.campaigns.map((campaign) => campaign.id));
    for (const id of cards.keys()) if (!shown.has(id)) cards.delete(id);
    const items = list.campaigns.map(showCampaign), now = byId("campaigns");
    // Only if it has changed: an element that moves loses the keyboard's focus.
    if (items.length !== now.children.length || items.some((item, index) => item !== now.children[index])) now.replaceChildren(...items);
    byId("empty").hidden = items.length > 0;
    showPages(byId("pages"), list.page, list.pages, go);
    setTime(list.speed);
    showProblem();
  } catch (error) {
    showProblem(`The sandbox does not answer. This is what it said last. (${error.message})`);
  }
}

function go(to) {
  page = to;
  return load();
}

const setTime = makeClock(load, { canReset: true });
keepLoading(load);
