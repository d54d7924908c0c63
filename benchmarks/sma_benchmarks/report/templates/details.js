// Pages of an instance, a solver and a solve, and the list of failures.
const SOLVE = 12; // characters of a row_id that a reader sees
const shortId = (row) => row.row_id.slice(0, SOLVE);
const said = ["Outcome", "", "text", (row) => row.outcome];
const solve = ["Solve", "", "text", shortId, "solve"];
const figures = [
  ["Start", "", "text", (row) => row.start_mode],
  ["Seed", "", "count", (row) => row.seed],
  said,
  ["Tracking error", "bp", "bp", (row) => row.te_bp],
  ["Regret", "bp", "bp", (row) => row.regret_bp],
  ["Objective above best", "%", "gap", (row) => row.regret],
  ["Certified gap", "%", "gap", (row) => row.gap],
  ["Breach before repair", "bp", "bp", (row) => row.breach_bp],
  ["Names", "", "count", (row) => row.names],
  ["Turnover", "%", "percent", (row) => row.turnover],
  ["Tax", "bp", "bp", (row) => row.tax_bp],
  ["Build", "s", "s", (row) => row.build_s],
  ["Solve", "s", "s", (row) => row.solve_s],
  ["Whole time", "s", "s", (row) => row.wall_s],
  ["Memory", "MB", "count", (row) => row.peak_mb],
];
const facts = (items) => element("dl", { class: "facts" }, ...items.flatMap(([name, value]) =>
  [element("dt", {}, name), element("dd", {}, value)]));
const title = (text) => element("h1", { tabindex: "-1" }, text);

function makeDetail(kind, name) {
  const found = { instance: ofInstance, solver: ofSolver, solve: ofSolve }[kind](name);
  return found ?? [title(name), element("p", { class: "note" }, "This report holds no solve of that name.")];
}

function ofInstance(name) {
  const mine = rows.filter((row) => row.instance === name);
  if (!mine.length) return null;
  const [first] = mine;
  const best = mine.filter((row) => row.verified && row.regret === 0)[0];
  return [
    title(name),
    element("p", { class: "lead" }, `${mine.filter((row) => row.verified).length} of ${mine.length} solves verified.`),
    facts([
      ["Family", forms.text(first.family)], ["Kind", forms.text(first.kind)],
      ["Assets", forms.count(first.n_assets)], ["Factors", forms.count(first.n_factors)],
      ["Lots", forms.count(first.n_lots)], ["Names allowed", forms.count(first.k_names)],
      ["Best tracking error", `${forms.bp(first.best_te_bp)} bp`],
      ["Best objective", significant(first.best_objective, 6)],
      ["Best certified bound", significant(first.best_bound, 6)],
      ["Best portfolio by", best ? linkTo("solver", best.method) : "an earlier run, or nobody"],
      ["Hash", forms.text(first.instance_hash)],
    ]),
    intervals(mine),
    makeTable("All solves", [solve, ["Method", "", "text", (row) => row.method, "solver"], ...figures], mine),
  ].filter((part) => part !== null);
}

// For every method the span from its certified bound to its portfolio, in bp.
function intervals(mine) {
  const found = mine.filter((row) => row.verified && row.start_mode === "cold" && known(row.te_bp));
  if (!found.length) return null;
  const drawn = [...found].sort((a, b) => a.te_bp - b.te_bp).slice(0, 40);
  const ends = drawn.flatMap((row) => [row.te_bp, row.bound_te_bp].filter(known));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.05 * (high - low) || 1;
  const places = high > low ? Math.min(Math.max(2, 1 - Math.floor(Math.log10(high - low))), 8) : 2;
  const at = (value) => 270 + (460 * (value - low + room)) / (high - low + 2 * room);
  const height = 22 * drawn.length + 46;
  const svg = shape("svg", { viewBox: `0 0 760 ${height}`, role: "img", "aria-label": "Tracking error and bound by method", style: "max-height:none" });
  for (const value of [low, (low + high) / 2, high]) {
    svg.append(shape("path", { d: `M${at(value)},8V${height - 36}`, style: "stroke:var(--rule)" }));
    svg.append(shape("text", { x: at(value), y: height - 20, "text-anchor": "middle", class: "tick" }, fixed(value, places)));
  }
  svg.append(shape("text", { x: at((low + high) / 2), y: height - 4, "text-anchor": "middle", class: "label" }, "tracking error, bp"));
  drawn.forEach((row, i) => {
    const y = 20 + 22 * i;
    const group = shape("g", { class: `series c${evidence.styles[row.method].colour}` });
    const text = row.method.length > 38 ? `${row.method.slice(0, 37)}…` : row.method;
    group.append(shape("text", { x: 258, y: y + 4, "text-anchor": "end", class: "tick" }, text));
    const bound = known(row.bound_te_bp) ? `${fixed(row.bound_te_bp, 2)} bp` : "none";
    const tip = `${row.method}, seed ${row.seed}: ${fixed(row.te_bp, 2)} bp, bound ${bound}`;
    if (known(row.bound_te_bp)) {
      group.append(shape("path", { class: "line", d: `M${at(row.bound_te_bp)},${y}H${at(row.te_bp)}M${at(row.bound_te_bp)},${y - 5}V${y + 5}`, "data-tip": tip }));
    }
    group.append(shape("circle", { class: "mark", cx: at(row.te_bp), cy: y, r: 5, "data-tip": tip }));
    svg.append(group);
  });
  return element("figure", { class: "chart" },
    element("figcaption", {}, element("h2", {}, "Portfolio and certified bound"),
      element("p", {}, "The dot is the verified tracking error, the bar reaches down to what its own certificate leaves possible; further left is better, a shorter bar is more certain.")),
    element("div", { class: "paper" }, svg));
}

function ofSolver(name) {
  const mine = rows.filter((row) => row.method === name);
  if (!mine.length) return null;
  const [first] = mine;
  const all = (column) => [...new Set(mine.map((row) => row[column]).filter((value) => value !== null))].join(", ");
  return [
    title(name),
    element("p", { class: "lead" }, `${mine.filter((row) => row.verified).length} of ${mine.length} solves verified.`),
    facts([
      ["Solver", forms.text(first.solver)], ["Version", forms.text(all("solver_version"))],
      ["Formulation", forms.text(all("formulation"))], ["Exactness", forms.text(all("exactness"))],
      ["Licence", forms.text(all("licence"))],
    ]),
    element("details", {}, element("summary", {}, "Settings sent"),
      element("pre", {}, [...new Set(mine.map((row) => row.settings))].map(pretty).join("\n\n"))),
    makeTable("All solves", [solve, ["Instance", "", "text", (row) => row.instance, "instance"], ...figures], mine),
  ];
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return forms.text(text);
  }
}

function ofSolve(id) {
  const row = rows.find((one) => one.row_id.startsWith(id));
  if (!row) return null;
  const cells = evidence.columns.map((column) => ({ column, value: row[column.name] }));
  const text = ({ column, value }) => (typeof value === "number" && column.kind === "float"
    ? String(value) : forms.text(value));
  return [
    title(`Solve ${shortId(row)}`),
    element("p", { class: "lead" }, linkTo("solver", row.method), " on ", linkTo("instance", row.instance), `: ${row.outcome}.`),
    row.message ? element("p", { class: "note" }, row.message) : null,
    ...logOf(row),
    makeTable("Every column of the row", [
      ["Column", "", "text", (cell) => cell.column.name],
      ["Value", "", "text", text],
      ["Unit", "", "text", (cell) => (cell.column.unit === "-" ? "" : cell.column.unit)],
      ["Meaning", "", "text", (cell) => cell.column.meaning],
    ], cells),
  ].filter((part) => part !== null);
}

function logOf(row) {
  const log = evidence.logs[row.log_blob];
  return log === undefined ? [] : [element("details", {}, element("summary", {}, "Log, its ends"), element("pre", {}, log))];
}

// Failures: the solves of a cell, the ones that were not verified open.
const failed = document.getElementById("failed");
function listFailures(method, family) {
  const mine = rows.filter((row) => row.method === method && row.family === family);
  const bad = mine.filter((row) => !row.verified);
  const cards = bad.slice(0, 60).map((row) => element("div", { class: "card" },
    element("p", { class: "rank" }, linkTo("solve", shortId(row)), ` · ${row.outcome} · stopped by ${forms.text(row.stop_reason)} after ${forms.s(row.wall_s)} s`),
    element("p", {}, linkTo("instance", row.instance)),
    element("p", { class: "message" }, forms.text(row.message)),
    ...logOf(row)));
  failed.replaceChildren(
    element("h2", {}, `${method} on ${family}: ${bad.length} of ${mine.length} not verified`),
    bad.length > cards.length ? element("p", {}, `The first ${cards.length} are shown.`) : "",
    cards.length ? element("div", { class: "cards" }, ...cards)
      : element("p", { class: "note good" }, "Every one of these solves was verified."));
}
document.querySelector(".matrix")?.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (!cell) return;
  for (const other of document.querySelectorAll(".cell")) other.setAttribute("aria-pressed", String(other === cell));
  listFailures(cell.dataset.method, cell.dataset.family);
});
