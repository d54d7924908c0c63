// The race of the shortlist: in which share of the drawn suites a method is the fastest.
const racing = evidence.racing;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The middle one; of an even number the mean of two.
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

const logged = (seconds) => Math.log(seconds + racing.shift + 1e-300);
const shiftedMean = (seconds) => Math.exp(mean(seconds.map(logged))) - racing.shift;

// times: for every method its charged seconds on the common instances, in their order.
// Returns for every method its mean, its share of the draws won and its tie group.
function race(times, scope, common) {
  const logs = times.map((mine) => mine.map(logged));
  const places = common.map((name) => racing.scopes[scope].instances.indexOf(name));
  const drawn = times.map(() => []);
  const best = times.map(() => 0);
  let held = 0;
  for (const draw of racing.scopes[scope].counts) {
    const counts = places.map((place) => draw.charCodeAt(place) - racing.zero);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (!total) continue;
    held += 1;
    const means = logs.map((mine) => mine.reduce((sum, one, i) => sum + counts[i] * one, 0) / total);
    const least = Math.min(...means);
    const winners = means.map((one) => one <= least + racing.same);
    const many = winners.filter(Boolean).length;
    means.forEach((one, j) => {
      drawn[j].push(one);
      if (winners[j]) best[j] += 1 / many;
    });
  }
  const means = times.map(shiftedMean);
  return { mean: means, best: best.map((won) => won / held), group: tieGroups(means, drawn) };
}

function tieGroups(means, drawn) {
  const group = means.map(() => 0);
  let [leader, number] = [-1, 0];
  for (const j of means.map((_, place) => place).sort((a, b) => means[a] - means[b])) {
    const near = number > 0 && (means[j] < means[leader] * (1 + racing.rope)
      || percentile(drawn[j].map((one, d) => one - drawn[leader][d]), racing.tail) <= racing.same);
    if (!near) [leader, number] = [j, number + 1];
    group[j] = number;
  }
  return group;
}

const limits = new Map();
for (const row of rows) limits.set(row.instance, Math.max(limits.get(row.instance) ?? 0, row.time_limit_s));

// Seconds with those not reached charged as PAR2, of the stricter of both limits.
const penalised = (seconds, instance, most) =>
  (Number.isFinite(seconds) ? seconds : racing.late * Math.min(limits.get(instance), most));

// Adds to every candidate its mean, and if it was tried on enough, its place in the race.
function raced(candidates, family, most) {
  const all = racing.scopes[family].instances;
  const enters = (one) => one.seconds.size >= racing.enough * all.length;
  const entrants = candidates.filter(enters);
  const common = all.filter((name) => entrants.every((one) => one.seconds.has(name)));
  const charged = (one, names) => names.map((name) => penalised(one.seconds.get(name), name, most));
  const ended = entrants.length && common.length
    ? race(entrants.map((one) => charged(one, common)), family, common) : null;
  return candidates.map((one) => {
    const place = ended ? entrants.indexOf(one) : -1;
    const names = place < 0 ? [...one.seconds.keys()] : common;
    return {
      ...one,
      over: names.length,
      reached: names.filter((name) => Number.isFinite(one.seconds.get(name))).length,
      time: place < 0 ? shiftedMean(charged(one, names)) : ended.mean[place],
      entered: place >= 0,
      best: place >= 0 && common.length >= racing.fewest ? ended.best[place] : null,
      group: place >= 0 && common.length >= racing.fewest ? ended.group[place] : null,
    };
  });
}
