// Numbers, moments and durations in words.

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const integer = new Intl.NumberFormat("en");

// Return the time zone that the user has chosen in Airflow; Airflow's own default is UTC.
function zone() {
  try {
    const chosen = JSON.parse(window.localStorage.getItem("timezone"));
    if (chosen === "local" || chosen === "system") return undefined;
    if (typeof chosen === "string") {
      new Intl.DateTimeFormat("en", { timeZone: chosen });
      return chosen;
    }
  } catch {
    // No choice that can be read: Airflow's default.
  }
  return "UTC";
}

export function number(value) {
  return integer.format(value);
}

// Return a count with its noun, such as "1 person" and "1,200 people".
export function people(value) {
  return value === 1 ? "1 person" : `${number(value)} people`;
}

export function exact(moment) {
  return new Date(moment).toLocaleString("en-GB", {
    timeZone: zone(),
    dateStyle: "medium",
    timeStyle: "long",
  });
}

// Return a moment for an axis or a table: with the day or the seconds only where they tell something.
export function shortMoment(moment, withDay, withSeconds = false) {
  const options = { timeZone: zone(), hour: "2-digit", minute: "2-digit" };
  if (withSeconds) options.second = "2-digit";
  if (withDay) Object.assign(options, { day: "numeric", month: "short" });
  return new Date(moment).toLocaleString("en-GB", options);
}

export function zoneName() {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone(), timeZoneName: "short" }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName").value;
}

// Return how long ago a moment was, such as "2 hours ago".
export function ago(moment, now) {
  const seconds = (new Date(moment) - new Date(now)) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}

// Return a duration in its two largest units, such as "1 h 5 min".
export function duration(from, to) {
  let seconds = Math.max(0, Math.round((new Date(to) - new Date(from)) / 1000));
  const parts = [];
  for (const [word, length] of [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]]) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count > 0) parts.push(`${count} ${word}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

// Return a key of the API as words: "do_not_contact" becomes "do not contact".
export function plain(key) {
  return String(key).replaceAll("_", " ");
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// Return shares of a whole as whole percent, where "0%" and "100%" mean exactly that.
export function percent(part, whole) {
  if (!whole) return "0%";
  const share = (100 * part) / whole;
  if (share > 0 && share < 1) return "<1%";
  if (share > 99 && share < 100) return ">99%";
  return `${Math.round(share)}%`;
}
