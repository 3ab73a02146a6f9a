// What both pages share. Text comes into a page as text only, never as HTML.

export const PARTS = ["completed", "failed", "calling", "retry", "pending", "not_launched", "cancelled"];
const SIGNS = { running: "▶", paused: "❚❚", completed: "✓", cancelled: "✕", draft: "○" };
const SKIPS = [["1 minute", 60], ["10 minutes", 600], ["1 hour", 3600], ["1 day", 86400]];
const PAUSE = 1500;

export const words = (name) => name.replaceAll("_", " ");
export const byId = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function showState(element, state) {
  element.className = `state ${state}`;
  setText(element, `${SIGNS[state] ?? "?"} ${words(state)}`);
}

// A bar with a legend below it. Later calls move the parts instead of making new ones.
export function showBar(element, total, parts) {
  if (!element.firstChild) {
    element.append(make("div", { class: "bar", role: "img" }), make("ul", { class: "legend" }));
  }
  const [bar, legend] = element.children;
  const shown = PARTS.filter((part) => parts[part] > 0);
  if (bar.dataset.parts !== shown.join()) {
    bar.dataset.parts = shown.join();
    bar.replaceChildren(...shown.map((part) => make("i", { class: part })));
    legend.replaceChildren(...shown.map((part) => make("li", { class: part }, make("i"), make("b"), ` ${words(part)}`)));
  }
  shown.forEach((part, index) => {
    bar.children[index].style.width = `${(100 * parts[part]) / total}%`;
    setText(legend.children[index].querySelector("b"), parts[part].toLocaleString("en"));
  });
  const spoken = shown.map((part) => `${parts[part]} ${words(part)}`).join(", ");
  bar.setAttribute("aria-label", `${people(total)}: ${spoken}`);
}

export function people(count) {
  return `${count.toLocaleString("en")} ${count === 1 ? "person" : "people"}`;
}

export function moment(text) {
  const options = { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC", hourCycle: "h23" };
  return `${new Intl.DateTimeFormat("en-GB", options).format(new Date(text))} UTC`;
}

function pace(speed) {
  if (speed === 0) return "The time of campaigns stands still until you skip some.";
  const seconds = speed % 3600 === 0 ? [speed / 3600, "hour"] : speed % 60 === 0 ? [speed / 60, "minute"] : [speed, "second"];
  const count = seconds[0].toLocaleString("en");
  return `A second here is ${count} ${seconds[1]}${seconds[0] === 1 ? "" : "s"} in a campaign.`;
}

async function control(action, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/_sandbox/${action}`, options);
  if (!answer.ok) throw new Error(`The sandbox refused to ${action}: status ${answer.status}.`);
}

// Show the clock with its controls. Returns a function that sets the time.
export function makeClock(load, { canReset = false } = {}) {
  const time = make("time"), note = make("span");
  const act = (action, body) => async () => {
    try {
      await control(action, body);
      await load();
    } catch (error) {
      showProblem(error.message);
    }
  };
  const buttons = SKIPS.map(([label, seconds]) => {
    const button = make("button", { type: "button", "aria-label": `Skip ${label}` }, `+ ${label}`);
    button.addEventListener("click", act("advance", { seconds }));
    return button;
  });
  if (canReset) {
    const reset = make("button", { type: "button", class: "danger" }, "Forget everything");
    const question = "Forget all campaigns, requests and planned faults of this sandbox?";
    reset.addEventListener("click", () => window.confirm(question) && act("reset", {})());
    buttons.push(reset);
  }
  byId("clock").append(
    make("p", {}, time, note),
    make("div", { class: "buttons", role: "group", "aria-label": "Skip time" }, make("span", {}, "Skip"), ...buttons),
  );
  return (speed, now) => {
    setText(time, now ? moment(now) : "");
    setText(note, (now ? " · " : "") + pace(speed));
  };
}

export function showProblem(text) {
  const element = byId("problem");
  element.hidden = !text;
  setText(element, text ?? "");
}

export class NotThere extends Error {}

export async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (answer.status === 404) throw new NotThere();
  if (!answer.ok) throw new Error(`The sandbox answered with status ${answer.status}.`);
  return answer.json();
}

// Load now, and again while somebody looks at the page.
export function keepLoading(load) {
  const again = async () => {
    if (!document.hidden) await load();
    setTimeout(again, PAUSE);
  };
  document.addEventListener("visibilitychange", () => document.hidden || load());
  again();
}

export function showPages(element, page, pages, go) {
  element.hidden = pages <= 1;
  if (!element.firstChild) {
    const back = make("button", { type: "button" }, "Previous"), next = make("button", { type: "button" }, "Next");
    back.addEventListener("click", () => go(Number(element.dataset.page) - 1));
    next.addEventListener("click", () => go(Number(element.dataset.page) + 1));
    element.append(back, make("span"), next);
  }
  element.dataset.page = page;
  const [back, text, next] = element.children;
  back.disabled = page <= 1;
  next.disabled = page >= pages;
  setText(text, `Page ${page} of ${pages}`);
}
