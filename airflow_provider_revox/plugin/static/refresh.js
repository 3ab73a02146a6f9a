// Look again every ten seconds, as long as somebody can see the page.

const SECONDS = 10;

// Call `look(signal)` now, then again and again. Returns a function that calls it at once, and drops the one before.
export function keepLooking(look) {
  let timer = 0;
  let current = new AbortController();

  async function now() {
    window.clearTimeout(timer);
    current.abort();
    const mine = new AbortController();
    current = mine;
    await look(mine.signal).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
    if (current === mine && document.visibilityState === "visible") {
      timer = window.setTimeout(now, SECONDS * 1000);
    }
  }

  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(timer);
    if (document.visibilityState === "visible") void now();
  });
  void now();
  return now;
}
