// Not a module: it runs before the page is painted, so a dark page does not flash in white.
// Airflow keeps its choice as a class of its <html>, and for other tabs in the storage of the browser.
(() => {
  const own = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let airflow = null;
  try {
    airflow = window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    airflow = null;
  }

  function stored() {
    try {
      return window.localStorage.getItem("theme");
    } catch {
      return null;
    }
  }

  function scheme() {
    for (const name of ["dark", "light"]) {
      if (airflow?.classList.contains(name)) return name;
    }
    const name = stored();
    if (name === "dark" || name === "light") return name;
    return system.matches ? "dark" : "light";
  }

  function follow() {
    own.dataset.scheme = scheme();
  }

  follow();
  system.addEventListener("change", follow);
  window.addEventListener("storage", follow);
  if (airflow) new MutationObserver(follow).observe(airflow, { attributes: true, attributeFilter: ["class"] });
})();
