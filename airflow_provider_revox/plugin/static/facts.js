// What the list and the page of a campaign say in the same words.

import { el, link } from "./dom.js";
import { ago, capital, exact, number, plain } from "./words.js";

// Return a moment as "2 hours ago", with the exact one to read beside it or on hover.
export function timeAgo(moment, now) {
  return el("time", { datetime: moment, title: exact(moment), "data-moment": moment }, ago(moment, now));
}

// Let all moments of the page grow older, and nothing else.
export function ageMoments(root, now) {
  for (const time of root.querySelectorAll("[data-moment]")) {
    time.textContent = ago(time.dataset.moment, now);
  }
}

// Return what became of the launch, such as "Created by try 1".
export function launchInWords(launch) {
  if (!launch) return "-";
  const tried = launch.launched_by_try;
  const words = capital(plain(launch.outcome ?? "launched"));
  return tried ? `${words} by try ${tried}` : words;
}

// Return the reasons with their counts, such as "2 do not contact, 1 not valid".
export function reasonsInWords(reasons) {
  const sorted = Object.entries(reasons ?? {}).sort(([, one], [, other]) => other - one);
  return sorted.map(([reason, count]) => `${number(count)} ${plain(reason)}`).join(", ");
}

// Return what names a task instance. A task has recorded one campaign, so it is in one row of the list.
export function taskKey(task) {
  return JSON.stringify([task.dag_id, task.run_id, task.task_id, task.map_index]);
}

// Return the links of a task to its DAG, run and task instance.
export function taskPath(task) {
  const key = taskKey(task);
  const name = task.map_index >= 0 ? `${task.task_id} [${task.map_index}]` : task.task_id;
  const urls = task.urls ?? {};
  return el(
    "span",
    { class: "path" },
    link(task.dag_id, urls.dag, { key: `${key}-dag`, title: "DAG" }),
    el("span", { class: "arrow", "aria-hidden": "true" }, "›"),
    link(task.run_id, urls.run, { key: `${key}-run`, title: "DAG run" }),
    el("span", { class: "arrow", "aria-hidden": "true" }, "›"),
    link(name, urls.task, { key: `${key}-task`, title: "Task" }),
  );
}

export function revoxLink(campaign, key) {
  if (!campaign.revox_url) return null;
  const label = `Open ${campaign.name ?? campaign.campaign_id} in Revox, in a new tab`;
  return link("Open in Revox ↗", campaign.revox_url, { key, newTab: true, label });
}

// Return who saw the counts, and when.
export function seenInWords(campaign, now) {
  if (!campaign.seen_at) return null;
  const who = campaign.seen_by === "task" ? "Last seen by a task " : "Seen ";
  return el("span", { class: "quiet-text" }, who, timeAgo(campaign.seen_at, now));
}
