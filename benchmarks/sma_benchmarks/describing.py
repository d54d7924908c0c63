"""A comparison in words: each difference with its tier, each time with its reason."""

from sma_benchmarks.compare import TIERS, Comparison
from sma_benchmarks.timing import Decision, Rules, TimeRatio


def described(found: Comparison) -> tuple[str, ...]:
    """A comparison in lines, the worst first."""
    order = sorted(found.differences, key=lambda difference: difference.tier)
    worse = [f"{_tier(d.tier)}: {d.where}: {d.text}" for d in order]
    times = [_time_line(time, found.rules) for time in found.times]
    return (*found.broken, *worse, *times, *found.notes)


def _tier(number: int) -> str:
    """A tier with its word, for nobody knows them by heart."""
    return f"tier {number}, {TIERS[number]}"


def _time_line(time: TimeRatio, rules: Rules) -> str:
    """The verdict on a method's time, its reason, and the figures."""
    ratio, share = time.ratio, time.slower / time.pairs
    return (
        f"{_tier(3)}: {time.method}: {time.decision}, for {_reason(time, rules)}: now "
        f"{ratio.value:.2f} times the processor time of before, 99 % interval "
        f"[{ratio.low:.2f}, {ratio.high:.2f}], over {time.pairs} pairs, {time.slower} of "
        f"them ({share:.0%}) above the limit, {_band(time)}"
        f"{'' if time.interleaved else ', not interleaved'}"
    )


def _reason(time: TimeRatio, rules: Rules) -> str:
    """Why the time was decided as it was, in the terms of `timing`."""
    ratio, limit = time.ratio, f"the limit of {rules.slowdown:g}"
    if time.decision is Decision.PASS:
        single = ", and chance explains the pairs that are" if time.slower else ""
        return f"the median is not above {limit}{single}"
    if time.decision is Decision.REGRESSION:
        return f"the whole interval is above {limit} and above what equal runs show"
    if ratio.low > rules.slowdown:
        return f"the whole interval is above {limit}, but {_lacking(time, rules)}"
    if ratio.value > rules.slowdown:
        return f"the median is above {limit}, but noise may explain it"
    return f"far more pairs are slower by {limit} than are faster by it"


def _lacking(time: TimeRatio, rules: Rules) -> str:
    """What a verdict on time would still need."""
    if time.band is None:
        return "nothing was repeated to show the noise"
    if time.pairs < rules.pairs:
        return f"it needs {rules.pairs} pairs"
    if not time.interleaved:
        return "the two runs did not take turns"
    return "equal runs differ as much"


def _band(time: TimeRatio) -> str:
    if time.band is None:
        return "equal runs unknown, for nothing was repeated"
    return f"equal runs [{time.band.low:.2f}, {time.band.high:.2f}]"
