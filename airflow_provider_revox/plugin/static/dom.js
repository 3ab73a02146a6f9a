// Make elements. Texts come from names that others chose, so they only become text nodes and attributes.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "path", "rect", "line", "text", "title", "circle", "polygon"]);

// Return a new element. `attributes` with null or false are left out; children may be text, elements or null.
export function el(tag, attributes = {}, ...children) {
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// Return an element of the page by its id.
export function byId(id) {
  return document.getElementById(id);
}

// Replace what an element shows. The focus stays where it is, and a part with a key stays scrolled.
export function show(element, ...children) {
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const parts = [...element.querySelectorAll(".scroll[data-key]")];
  const scrolled = parts.map((part) => [part.dataset.key, part.scrollLeft, part.scrollTop]);
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  const keyed = (name) => element.querySelector(`[data-key="${CSS.escape(name)}"]`);
  for (const [name, left, top] of scrolled) keyed(name)?.scrollTo(left, top);
  if (key) keyed(key)?.focus({ preventScroll: true });
}

// Set a text if it is another one: a live region speaks only then.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

function safe(url) {
  if (!url || !URL.canParse(url, window.location.href)) return null;
  const target = new URL(url, window.location.href);
  return ["http:", "https:"].includes(target.protocol) ? target.href : null;
}

// Return a link that leaves these pages: to a page of Airflow, or to Revox in a new tab.
export function link(text, url, { key, newTab = false, label = null, title = null } = {}) {
  const href = safe(url);
  if (href === null) return el("span", { title }, text);
  return el(
    "a",
    {
      href,
      title,
      "data-key": key,
      "data-leaves": newTab ? "tab" : "page",
      "aria-label": label,
      target: newTab ? "_blank" : "_top",
      rel: newTab ? "noopener noreferrer" : null,
    },
    text,
  );
}

// The frame in Airflow may neither navigate the page around it nor open tabs. A link of that page may.
function leaveFrame(event) {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || window.parent === window || event.button > 1) return;
  const inNewTab = event.button === 1 || event.ctrlKey || event.metaKey || anchor.dataset.leaves === "tab";
  if (!inNewTab && !anchor.dataset.leaves) return;
  event.preventDefault();
  const outside = window.parent.document.createElement("a");
  outside.href = anchor.href;
  outside.rel = anchor.rel;
  outside.target = inNewTab ? "_blank" : "_self";
  window.parent.document.body.append(outside);
  outside.click();
  outside.remove();
}

document.addEventListener("click", leaveFrame);
document.addEventListener("auxclick", leaveFrame);
