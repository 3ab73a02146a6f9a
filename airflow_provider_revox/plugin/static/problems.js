// Say that Airflow or Revox can't be reached, and that the login has ended.

import { byId, link, say, show } from "./dom.js";
import { loginPage } from "./api.js";
import { exact } from "./words.js";

let lastAnswer = null;

// Note that Airflow has answered; the notice goes away.
export function answered(now, sentences = []) {
  lastAnswer = now;
  say(byId("problem"), [...new Set(sentences)].join(" "));
}

// Show what kept Airflow from answering. What was known before stays on the page.
export function failed(problem) {
  const notice = byId("problem");
  if (problem.status === 401) {
    show(notice, problem.message, " ", link("Log in again", loginPage(), { key: "login" }));
    notice.hidden = false;
    return;
  }
  const known = lastAnswer ? ` You see what was known on ${exact(lastAnswer)}.` : "";
  say(notice, problem.message + known);
}
