// The chooser: which methods meet four wishes, on how much evidence, and who is next.
const chooser = document.getElementById("chooser");
const shortlist = document.getElementById("shortlist");
const ENOUGH = 0.5; // share of instances a method must serve to be listed

function wishes() {
  const form = new FormData(chooser);
  return {
    family: form.get("family"), licence: form.get("licence"), warm: form.get("warm") !== null,
    time: Number(form.get("time")), regret: Number(form.get("regret")),
  };
}

// Instances that can be judged: somebody's verified answer has a regret in bp.
function judged(family) {
  const found = rows.filter((row) => known(row.regret_bp) && (!family || row.family === family));
  return new Set(found.map((row) => row.instance));
}

function candidates(wish) {
  const instances = judged(wish.family);
  const by = new Map();
  for (const row of rows) {
    if (!instances.has(row.instance) || row.start_mode !== (wish.warm ? "hot" : "cold")) continue;
    if (!by.has(row.method)) by.set(row.method, []);
    by.get(row.method).push(row);
  }
  const methods = [...new Set(rows.filter((row) => instances.has(row.instance)).map((row) => row.method))];
  return methods.map((method) => candidate(method, by.get(method) ?? [], instances, wish));
}

function candidate(method, mine, instances, wish) {
  const counts = (row) => row.verified && known(row.regret_bp) && row.regret_bp <= wish.regret && row.wall_s <= wish.time;
  const shares = [...instances].map((instance) => {
    const solves = mine.filter((row) => row.instance === instance);
    return solves.length ? mean(solves.map((row) => (counts(row) ? 1 : 0))) : null;
  });
  const measured = shares.filter((share) => share !== null);
  const good = mine.filter(counts);
  const timed = mine.filter((row) => row.group !== "coverage");
  const compared = mine.filter((row) => row.verified && known(row.regret_bp));
  const found = {
    method, mine, good, timed, compared, measured: measured.length, instances: instances.size,
    met: measured.filter((share) => share === 1).length,
    share: measured.length ? mean(measured) : 0,
    seconds: toTarget(timed, counts),
    regret: compared.length ? mean(compared.map((row) => row.regret_bp)) : Infinity,
  };
  return { ...found, against: objection(found, wish) };
}

// Median seconds to the target of every instance that was tried, infinite if not reached.
function toTarget(timed, counts) {
  const by = new Map();
  for (const row of timed) by.set(row.instance, [...(by.get(row.instance) ?? []), counts(row) ? row.wall_s : Infinity]);
  return new Map([...by].map(([instance, all]) => [instance, median(all)]));
}

// Seconds of a solve; one that was not verified did not get there within its limit.
const charged = (row) => (row.verified ? row.wall_s : Math.max(row.wall_s ?? 0, row.time_limit_s));

// Why a method is not on the list; an empty text lets it on.
function objection(found, wish) {
  const any = rows.filter((row) => row.method === found.method);
  const like = any.filter((row) => !wish.family || row.family === wish.family);
  const wrong = like.filter((row) => row.group === "wrong").length;
  const licence = any.map((row) => row.licence).find((value) => value) ?? "not known";
  if (wish.licence && licence !== wish.licence) return `its licence is: ${licence}`;
  if (wrong) return `${wrong} wrong answer${wrong > 1 ? "s" : ""} on such instances`;
  if (!found.measured) return wish.warm ? "was not run with a warm start here" : "was not run on these instances";
  if (!found.good.length) return "no solve meets the time and the regret";
  if (found.share < ENOUGH) return `meets them in ${found.good.length} of ${found.mine.length} solves only`;
  return "";
}

const order = (a, b) => b.entered - a.entered || a.time - b.time || a.method.localeCompare(b.method);

function card(found, rank, first) {
  const slowest = [...found.timed].sort((a, b) => charged(b) - charged(a))[0];
  const worst = [...found.compared].sort((a, b) => b.regret_bp - a.regret_bp)[0];
  const link = (row, text) => element("a", { href: route("solve", shortId(row)) }, text);
  return element("div", { class: `card${first ? " first" : ""}`, "data-method": found.method },
    element("p", { class: "rank" }, rank),
    element("h3", {}, linkTo("solver", found.method)),
    element("p", {}, `Meets your limits on ${found.met} of ${noun(found.measured, "instance")}`,
      found.measured < found.instances ? ` (${found.instances - found.measured} more were not tried)` : "", "."),
    element("p", {}, `${forms.s(found.time)} s to target, mean over ${noun(found.over, "instance")} with PAR2; slowest `,
      link(slowest, `${forms.s(charged(slowest))} s`), "."),
    element("p", {}, `${forms.bp(found.regret)} bp regret, mean; worst `, link(worst, `${forms.bp(worst.regret_bp)} bp`), "."),
    found.best === null ? null : element("p", {}, element("strong", {}, `P(best) ${forms.percent(found.best)} %`), `, tie group ${found.group}`),
    element("p", { class: "rank" }, `Evidence: ${found.good.length} of ${found.mine.length} solves`,
      found.measured < Number(chooser.dataset.fewest) ? "; too few instances to say which method is better" : ""));
}

// Who would be the fastest if the instances were drawn again.
function chances(good) {
  const entered = good.filter((one) => one.entered);
  if (!entered.length) return [];
  const over = noun(entered[0].over, "instance");
  if (entered[0].best === null) {
    return [element("p", { class: "note" }, `P(best) takes ${racing.fewest} instances that every method of the list was tried on; here there are ${entered[0].over}.`)];
  }
  const tied = entered.filter((one) => one.group === 1);
  const found = makeTable("Probability of being the fastest", [
    ["Method", "", "text", (one) => one.method, "solver"],
    ["P(best)", "%", "percent", (one) => one.best],
    ["Tie group", "", "count", (one) => one.group],
    ["Time to target", "s", "s", (one) => one.time],
    ["Reached", over, "count", (one) => one.reached],
  ], entered);
  const verdict = tied.length > 1
    ? `Tie group 1 holds ${tied.length} methods that cannot be told apart here: choose among them by licence or habit.`
    : `${tied[0].method} is told apart from every other one.`;
  const left = good.length - entered.length;
  found.append(element("p", { class: "small" }, `${verdict} P(best) is the share of ${racing.draws} draws of instances in which no other method `
    + `has a lesser mean time to target, over the ${over} that all of these were tried on.`,
    left ? ` ${noun(left, "method")} of the list, tried on less than half of the instances, ${left > 1 ? "are" : "is"} left out.` : ""));
  return [found];
}

function listed() {
  const wish = wishes();
  if (!chooser.checkValidity()) return;
  const all = candidates(wish);
  const good = raced(all.filter((one) => !one.against), wish.family, wish.time).sort(order);
  const out = all.filter((one) => one.against).sort((a, b) => a.method.localeCompare(b.method));
  const solver = (one) => rows.find((row) => row.method === one.method).solver;
  const next = good.slice(1).find((one) => one.entered && solver(one) !== solver(good[0])) ?? good[1];
  const others = good.filter((one) => one !== good[0] && one !== next);
  const cards = good.length
    ? [card(good[0], "First choice", true), next ? card(next, solver(next) === solver(good[0]) ? "Runner-up, the same solver" : "Runner-up, another solver", false) : null,
       ...others.slice(0, 4).map((one) => card(one, one.entered ? "Also meets your limits" : "Meets your limits, tried on few instances", false))].filter((one) => one !== null)
    : [];
  shortlist.replaceChildren(
    cards.length ? element("div", { class: "cards" }, ...cards)
      : element("p", { class: "note bad" }, "No method of this report meets these limits; allow more time or more regret."),
    ...chances(good),
    out.length ? element("details", {}, element("summary", {}, `${out.length} method${out.length > 1 ? "s" : ""} not on the list, and why`),
      element("ul", {}, ...out.map((one) => element("li", {}, linkTo("solver", one.method), `: ${one.against}`)))) : "");
}
if (chooser) {
  for (const kind of ["input", "change"]) chooser.addEventListener(kind, listed);
  chooser.addEventListener("submit", (event) => event.preventDefault());
  listed();
}
show(false);
