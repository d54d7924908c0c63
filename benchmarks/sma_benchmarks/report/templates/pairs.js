// Two chosen methods: on which share of the instances one is faster, and by what factor.
const pairForm = document.getElementById("pair");
const FARTHEST = 1000; // factor at the right end

// Instances that both cover; factor is the slower time over the faster, infinite if one failed.
function paired(a, b, target) {
  const data = evidence.pairs;
  const [i, j] = [data.methods.indexOf(a), data.methods.indexOf(b)];
  const seconds = (method, place) => data.times[target][method][place] ?? Infinity;
  return data.instances.flatMap((instance, place) => {
    if (data.covered[i][place] !== "1" || data.covered[j][place] !== "1") return [];
    const [x, y] = [seconds(i, place), seconds(j, place)];
    const faster = x < y ? "A" : y < x ? "B" : Number.isFinite(x) ? "same" : "neither";
    const factor = faster === "neither" ? null : Math.max(x, y) / Math.min(x, y);
    return [{ instance, a: x, b: y, faster, factor }];
  });
}

function faster(found, who, name, other) {
  const factors = found.filter((one) => one.faster === who).map((one) => one.factor);
  const both = factors.filter(Number.isFinite);
  const alone = factors.length - both.length;
  const share = forms.percent(factors.length / found.length);
  return element("dd", {}, `on ${factors.length} of ${noun(found.length, "instance")} (${share} %)`,
    factors.length ? `, median factor ${forms.factor(median(factors))}` : "",
    alone ? `; on ${alone} of them ${other} did not reach the target` : "",
    alone && both.length ? `, median factor ${forms.factor(median(both))} where both did` : "");
}

function pairFacts(found, a, b) {
  const count = (who) => found.filter((one) => one.faster === who).length;
  return element("dl", { class: "facts" },
    element("dt", {}, `A faster: ${a}`), faster(found, "A", a, "B"),
    element("dt", {}, `B faster: ${b}`), faster(found, "B", b, "A"),
    element("dt", {}, "Neither reached it"), element("dd", {}, `on ${count("neither")}`),
    element("dt", {}, "The same time"), element("dd", {}, `on ${count("same")}`));
}

// Share of instances on which one is faster by at least each factor, from 1 to the right.
function pairCurve(found, who) {
  const factors = found.filter((one) => one.faster === who).map((one) => one.factor).sort((x, y) => x - y);
  const share = (count) => (100 * count) / found.length;
  const points = [[1, share(factors.length)]];
  factors.forEach((factor, i) => {
    if (factor < FARTHEST) points.push([factor, share(factors.length - i)], [factor, share(factors.length - i - 1)]);
  });
  return [...points, [FARTHEST, share(factors.filter((factor) => factor >= FARTHEST).length)]];
}

function pairChart(found, names) {
  const x = (factor) => 64 + (678 * Math.log(factor)) / Math.log(FARTHEST);
  const y = (share) => 350 - 3.3 * share;
  const svg = shape("svg", { viewBox: "0 0 760 400", role: "img", "aria-label": "Pairwise profile" });
  const text = (at, words, more) => svg.append(shape("text", { ...at, ...more }, words));
  const small = { class: "tick" };
  for (const factor of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) {
    svg.append(shape("path", { d: `M${x(factor)},14V350`, style: "stroke:var(--rule)" }));
    text({ x: x(factor), y: 368 }, String(factor), { ...small, "text-anchor": "middle" });
  }
  for (const share of [0, 20, 40, 60, 80, 100]) {
    svg.append(shape("path", { d: `M64,${y(share)}H742`, style: "stroke:var(--rule)" }));
    text({ x: 56, y: y(share) + 4 }, String(share), { ...small, "text-anchor": "end" });
  }
  svg.append(shape("path", { class: "axis", d: "M64,14V350H742" }));
  text({ x: 403, y: 392 }, "faster by at least this factor", { class: "label", "text-anchor": "middle" });
  text({ transform: "translate(14,182) rotate(-90)" }, "instances, %", { class: "label", "text-anchor": "middle" });
  names.forEach((name, i) => {
    const who = "AB"[i];
    const points = pairCurve(found, who).map(([factor, share]) => `${x(factor).toFixed(1)},${y(share).toFixed(1)}`);
    const group = shape("g", { class: `series c${i}` });
    group.append(shape("path", { class: "line", d: `M${points.join("L")}`, "data-tip": `${who}: ${name}`, "stroke-dasharray": i ? "7 3" : null }));
    svg.append(group);
  });
  const key = (name, i) => {
    const line = shape("svg", { viewBox: "0 0 28 16", "aria-hidden": "true" });
    line.append(shape("path", { class: "line", d: "M1,8H27", "stroke-dasharray": i ? "7 3" : null }));
    return element("li", { class: `key c${i}` }, line, `${"AB"[i]}: ${name}`);
  };
  return element("figure", { class: "chart" },
    element("figcaption", {}, element("h2", {}, "Faster by how much"),
      element("p", {}, "The left end of a curve is the share of instances on which its method is faster at all, the right end the share on which "
        + "only that one reached the target. Where both failed neither gets the instance, so the two need not add up to 100 %.")),
    element("div", { class: "paper" }, svg), element("ul", { class: "legend" }, ...names.map(key)));
}

function showPair() {
  const form = new FormData(pairForm);
  const [a, b, target] = ["a", "b", "target"].map((name) => form.get(name));
  const place = document.getElementById("paired");
  if (a === b) {
    place.replaceChildren(element("p", { class: "note" }, "Choose two different methods."));
    return;
  }
  const found = paired(a, b, target);
  if (!found.length) {
    place.replaceChildren(element("p", { class: "note" }, "No instance was tried by both of these methods."));
    return;
  }
  place.replaceChildren(pairFacts(found, a, b), pairChart(found, [a, b]),
    makeTable("Instance by instance", [
      ["Instance", "", "text", (one) => one.instance, "instance"],
      ["A", "s", "s", (one) => one.a],
      ["B", "s", "s", (one) => one.b],
      ["Faster", "", "text", (one) => one.faster],
      ["Factor", "times", "factor", (one) => one.factor],
    ], [...found].sort((one, two) => (two.factor ?? 0) - (one.factor ?? 0))));
}
if (pairForm) {
  pairForm.addEventListener("change", showPair);
  pairForm.addEventListener("submit", (event) => event.preventDefault());
  showPair();
}
