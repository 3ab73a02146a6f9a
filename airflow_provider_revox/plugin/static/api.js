// Ask the plugin's own server, and say in one sentence what went wrong.

// Where the pages are mounted, such as /revox/: the folder above this file's.
export const ROOT = new URL("../", import.meta.url);

export class Problem extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

// Return the address of a page or an answer under the mount point.
export function at(path) {
  return new URL(path, ROOT);
}

// Return the address of a campaign's page.
export function campaignPage(campaignId) {
  return at(`campaigns/${encodeURIComponent(campaignId)}`).href;
}

// Return the address of Airflow's login, which leads back to where the user is.
export function loginPage() {
  const login = new URL("../api/v2/auth/login", ROOT);
  let page = window.location.href;
  try {
    page = window.parent.location.href;
  } catch {
    // The page around this one is of another site: the login leads back to this page alone.
  }
  login.searchParams.set("next", page);
  return login.href;
}

// Ask for one JSON answer. A Problem is thrown for everything else.
export async function ask(path, { method = "GET", signal = null } = {}) {
  const options = { method, signal, cache: "no-store", credentials: "same-origin" };
  options.headers = { Accept: "application/json", "X-Revox-Request": "1" };
  if (method === "POST") {
    options.body = "{}";
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(at(path), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("Airflow can't be reached.");
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body;
  if (answer.status === 401) throw new Problem("Your login has ended.", 401);
  const detail = typeof body?.detail === "string" ? body.detail : `Airflow answered with ${answer.status}.`;
  throw new Problem(detail, answer.status);
}
