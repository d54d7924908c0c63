"use strict";
// The embedded rows, and numbers as text by the rules of formats.py.
const evidence = JSON.parse(document.getElementById("evidence").textContent);
const columnOf = new Map(evidence.columns.map((column) => [column.name, column]));

function valueOf(name, i) {
  const data = evidence.data[name];
  if (data === undefined) return null;
  if ("one" in data) return data.one;
  return "words" in data ? data.words[data.at[i]] : data.all[i];
}
const rows = Array.from({ length: evidence.rows }, (_, i) => new Proxy({ i }, {
  get: (row, name) => (name === "i" ? row.i : valueOf(name, row.i)),
}));

const NONE = "–";
const known = (value) => value !== null && value !== undefined && Number.isFinite(value);
function fixed(value, places) {
  if (!known(value)) return NONE;
  const text = value.toFixed(places);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}
function significant(value, digits = 3) {
  if (!known(value)) return NONE;
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const power = Math.floor(Math.log10(Math.abs(rounded)) + 1e-12);
  if (power < -5 || power > 8) {
    return value.toExponential(digits - 1).replace(/e([+-])(\d)$/, "e$10$2");
  }
  return rounded.toFixed(Math.max(digits - 1 - power, 0));
}
const forms = {
  bp: (value) => fixed(value, 2),
  s: (value) => significant(value),
  percent: (value) => (known(value) ? fixed(100 * value, 1) : NONE),
  gap: (value) => (known(value) ? fixed(100 * value, 3) : NONE),
  count: (value) => fixed(value, 0),
  factor: (value) => (value === Infinity ? "∞" : significant(value)),
  text: (value) => (value === null || value === undefined || value === "" ? NONE : String(value)),
};

// Elements with text only: what a solver printed is never read as HTML.
function element(tag, attributes = {}, ...children) {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) found.setAttribute(name, value === true ? "" : value);
  }
  found.append(...children.filter((child) => child !== null));
  return found;
}
function shape(tag, attributes, text) {
  const one = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) one.setAttribute(name, value);
  if (text) one.textContent = text;
  return one;
}
const noun = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
const route = (page, name) => `#${page}=${encodeURIComponent(name)}`;
// A name that may be broken where its parts begin.
const soft = (name) => name.split(/(?=[[+])|(?<=,)|(?<=formulation=)/).flatMap((part, i) => (i ? [element("wbr"), part] : [part]));
const linkTo = (page, name) => element("a", { href: route(page, name) }, ...soft(name));

// A table with columns out of sight says so: not every browser shows a bar to scroll by.
const breadth = new ResizeObserver((seen) => {
  for (const { target } of seen) target.closest(".table").classList.toggle("wide", target.scrollWidth > target.clientWidth);
});

// columns: [title, unit, form, value of a row, page to link to]
function makeTable(caption, columns, found) {
  const head = element("tr", {}, ...columns.map(([title, unit, form]) =>
    element("th", { scope: "col", "aria-sort": "none", class: form === "text" ? null : "number" },
      element("button", { type: "button" }, title, unit ? element("small", {}, unit) : null))));
  const body = found.map((row) => element("tr", {}, ...columns.map(([, , form, value, page]) => {
    const mine = value(row);
    const text = forms[form](mine);
    const link = page && text !== NONE ? linkTo(page, text) : text;
    return element("td", {
      class: form !== "text" ? "number" : page ? (page === "solve" ? "name code" : "name") : text.length > 60 ? "long" : null,
      "data-v": typeof mine === "number" ? mine : null,
    }, link);
  })));
  const scroll = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
  breadth.observe(scroll);
  return element("div", { class: "table" },
    element("div", { class: "bar" }, element("h2", {}, caption),
      found.length > 8
        ? element("label", { class: "find" }, "Filter ", element("input", { type: "search", size: "18" }))
        : null,
      element("button", { type: "button", class: "copy" }, "Copy as CSV")),
    scroll);
}
