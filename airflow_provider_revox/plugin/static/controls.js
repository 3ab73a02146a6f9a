// Pause, resume and cancel: a button each, and a question before anything happens.

import { ask } from "./api.js";
import { byId, el, say, show } from "./dom.js";
import { capital, people } from "./words.js";

const ACTIONS = {
  pause: {
    done: "The campaign is paused.",
    keep: "Don’t pause",
    text: (left) => `${left} left to call. No new call begins until somebody resumes the campaign. Calls in progress go on.`,
  },
  resume: {
    done: "The campaign goes on.",
    keep: "Keep it paused",
    text: (left) => `${left} left to call. Revox goes on with its calls, in the calling hours.`,
  },
  cancel: {
    done: "The campaign is cancelled.",
    keep: "Don’t cancel",
    text: (left) =>
      `${left} left to call. The campaign will not call them. Calls in progress go on. A cancelled campaign can’t be resumed.`,
  },
};

const dialog = byId("ask");
const yes = byId("ask-yes");
let act = async () => {};

// Return how many people wait for a call. Those in a call are no part of them: a pause or a cancel does not end a call.
function stillLeft({ people_left: all, counts }) {
  if (typeof all !== "number") return "Revox does not say how many people are";
  const left = Math.max(0, all - (counts?.calling ?? 0));
  return left === 1 ? "1 person is" : `${people(left)} are`;
}

// Show a button for each action that this user may do now. `changed` gets the campaign that the server answers with.
export function controls(campaign, changed) {
  const button = (action) =>
    el(
      "button",
      {
        type: "button",
        class: action === "cancel" ? "danger" : null,
        "data-key": action,
        "aria-haspopup": "dialog",
        onclick: () => question(campaign, action, changed),
      },
      action === "cancel" ? "Cancel campaign" : capital(action),
    );
  show(byId("controls"), (campaign.actions ?? []).filter((action) => Object.hasOwn(ACTIONS, action)).map(button));
}

function question(campaign, action, changed) {
  const { text, keep, done } = ACTIONS[action];
  byId("ask-head").textContent = `${capital(action)} “${campaign.name || campaign.campaign_id}”?`;
  byId("ask-text").textContent = text(stillLeft(campaign));
  byId("ask-no").textContent = keep;
  yes.textContent = action === "cancel" ? "Cancel campaign" : capital(action);
  yes.classList.toggle("danger", action === "cancel");
  yes.disabled = false;
  say(byId("ask-problem"), "");
  act = async () => {
    yes.disabled = true;
    say(byId("ask-problem"), "");
    try {
      const now = await ask(`api/campaigns/${encodeURIComponent(campaign.campaign_id)}/${action}`, { method: "POST" });
      dialog.close();
      say(byId("told"), done);
      changed(now);
    } catch (error) {
      say(byId("ask-problem"), error.message);
      yes.disabled = false;
      changed(null);
    }
  };
  say(byId("told"), "");
  dialog.showModal();
  byId("ask-no").focus();
}

byId("ask-no").addEventListener("click", () => dialog.close());
yes.addEventListener("click", () => void act());
// The button that asked may be gone when the campaign has ended: then the name gets the focus.
dialog.addEventListener("close", () => {
  if (document.activeElement === document.body) byId("name").focus();
});
