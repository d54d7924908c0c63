// Pages by the address after #, tables that sort and filter, legends that point out.
const pages = [...document.querySelectorAll("section.page")];
const made = document.getElementById("made");
const PARENT = { instance: "instances", solver: "solvers", solve: "instances" };

function shown() {
  const [kind, ...rest] = location.hash.slice(1).split("=");
  const name = decodeURIComponent(rest.join("="));
  if (kind in PARENT && name) return { id: "made", parent: PARENT[kind], kind, name };
  const id = pages.some((page) => page.id === kind && kind !== "made") ? kind : pages[0].id;
  return { id, parent: id };
}

function show(moved) {
  const now = shown();
  if (now.id === "made") made.replaceChildren(...makeDetail(now.kind, now.name));
  for (const page of pages) page.hidden = page.id !== now.id;
  for (const link of document.querySelectorAll(".pages a")) {
    const mine = link.hash === `#${now.parent}`;
    if (mine) {
      link.setAttribute("aria-current", "page");
      const strip = link.closest(".pages");
      strip.scrollLeft += link.getBoundingClientRect().left - strip.getBoundingClientRect().left - 40;
    }
    else link.removeAttribute("aria-current");
  }
  if (!moved) return;
  window.scrollTo(0, 0);
  document.getElementById(now.id).querySelector("h1")?.focus({ preventScroll: true });
}
window.addEventListener("hashchange", () => show(true));

document.querySelector(".pages").addEventListener("keydown", (event) => {
  const links = [...document.querySelectorAll(".pages a")];
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const at = links.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  links[(at + step + links.length) % links.length].focus();
});

const theme = document.getElementById("theme");
let dark = matchMedia("(prefers-color-scheme: dark)").matches;
function paint() {
  theme.textContent = dark ? "Light" : "Dark";
  theme.setAttribute("aria-pressed", String(dark));
}
theme.addEventListener("click", () => {
  dark = !dark;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  paint();
});
paint();

function choose(group) {
  const picked = group.querySelector(":scope > fieldset input:checked").value;
  for (const option of group.querySelectorAll(":scope > .option")) {
    option.hidden = option.dataset.option !== picked;
  }
}
for (const group of document.querySelectorAll(".choice")) choose(group);
for (const scroll of document.querySelectorAll(".table > .scroll")) breadth.observe(scroll);
document.addEventListener("change", (event) => {
  if (event.target.matches(".tabs input")) choose(event.target.closest(".choice"));
});

function sortBy(head) {
  const table = head.closest("table");
  const place = [...head.parentNode.children].indexOf(head);
  const numeric = head.classList.contains("number");
  const was = head.getAttribute("aria-sort");
  const down = was === "ascending" ? "descending" : "ascending";
  for (const other of head.parentNode.children) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", down);
  const sign = down === "ascending" ? 1 : -1;
  const key = (row) => {
    const cell = row.children[place];
    return numeric ? cell.dataset.v : cell.textContent;
  };
  const compare = (a, b) => {
    const [x, y] = [key(a), key(b)];
    // What has no value stands last, whichever way.
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    return sign * (numeric ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true }));
  };
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
}

function asCsv(table) {
  const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.rows].filter((row) => !row.hidden)
    .map((row) => [...row.cells].map((cell) => quote(cell.dataset.v ?? cell.innerText.replace(/\s+/g, " ").trim())).join(","))
    .join("\n");
}

async function copy(button) {
  const table = button.closest(".table").querySelector("table");
  if (!table) return;
  const text = asCsv(table);
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // A browser that keeps its clipboard from a file gets a file instead.
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: "table.csv" });
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

function pointOut(name) {
  for (const series of document.querySelectorAll(".series")) {
    const chart = series.closest("figure");
    const here = [...chart.querySelectorAll(".series")].some((one) => one.dataset.name === name);
    series.classList.toggle("picked", series.dataset.name === name);
    series.classList.toggle("away", here && series.dataset.name !== name);
  }
}
let held = null;
document.addEventListener("click", (event) => {
  const target = event.target;
  const head = target.closest("thead button")?.closest("th");
  if (head) sortBy(head);
  const button = target.closest("button");
  if (button?.matches(".copy")) copy(button);
  if (button?.matches(".whole")) {
    const whole = button.closest("figure").classList.toggle("all");
    button.setAttribute("aria-pressed", String(whole));
    button.textContent = whole ? `Show ${button.closest("ul").querySelectorAll("li:not(.behind)").length - 1} only`
      : `Show the other ${button.closest("ul").querySelectorAll("li.behind").length}`;
  } else if (button?.matches(".legend button")) {
    held = held === button.dataset.name ? null : button.dataset.name;
    for (const one of document.querySelectorAll(".legend button")) {
      one.setAttribute("aria-pressed", String(one.dataset.name === held));
    }
    pointOut(held);
  }
});
document.addEventListener("input", (event) => {
  if (!event.target.matches(".find input")) return;
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const row of event.target.closest(".table").querySelectorAll("tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
});

const tip = document.getElementById("tip");
document.addEventListener("pointerover", (event) => {
  const legend = event.target.closest?.(".legend button");
  if (held === null) pointOut(legend ? legend.dataset.name : null);
  const text = event.target.dataset?.tip;
  tip.hidden = !text;
  if (text) tip.textContent = text;
});
document.addEventListener("pointermove", (event) => {
  if (tip.hidden) return;
  const right = event.clientX + 14 + tip.offsetWidth > innerWidth;
  tip.style.left = `${right ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4)}px`;
});
