"""Random paths that can be read at any step without walking there.

A `Walk` is a Brownian path over steps of a fixed length, built by midpoint displacement: the ends of a block of 2**18
steps are known, each midpoint is the mean of its ends plus a bell-shaped draw, and a draw is a pure hash of
(key, block, node). So the value at a step depends on nothing but the key and the step: not on who looked before, not
on how time was cut into intervals. The highest value, and the first crossing of a fence, are found exactly by branch
and bound, because the draws are bounded.

A `Flow` spreads a total over the steps of a block by random halving in the same way: traded volume that is bursty,
only grows, and can be read and inverted at any step.

Neighbouring steps are read one after the other, by every listing that is watched. So a run of 16 of them is unfolded at
once as soon as a second one is asked for, and then only looked up.

Invariants: two reads of one step agree; `span` bounds every value of its interval, and both bounds are met;
`crossing` is the first such step.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import sqrt

DEPTH = 18
"""Levels of a block: 2**18 steps of 250 ms are 18.2 hours."""
BLOCK = 1 << DEPTH

RUN = 4
"""Levels of a run: its 2**4 steps are worked out together."""
_TOP = DEPTH - RUN
_IN_RUN = (1 << RUN) - 1

_FEW = 12
"""So few steps are read one by one sooner than searched."""
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
SPREAD = 65536 * sqrt(4 / 12)
# A draw is the sum of four uniform 16-bit numbers, so it never leaves this many standard deviations.
_REACH = 131070 / SPREAD
# Half the standard deviation of the bridge over an interval of 2**-level blocks.
DEVIATION = tuple(0.5 * 2 ** (-level / 2) for level in range(DEPTH))
# How far a path can leave the hull of its two ends within an interval of 2**-level blocks.
EXCESS = tuple(_REACH * sum(DEVIATION[level:]) for level in range(DEPTH + 1))


def mixed(key: int, number: int) -> int:
    """64 well-mixed bits of the pair (the finaliser of splitmix64)."""
    z = (key + number * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def keyed(*parts: int | str) -> int:
    """A key for `mixed` from a seed and names, the same in every process."""
    key = 0x6A09E667F3BCC909
    for part in parts:
        if isinstance(part, str):
            for byte in part.encode():
                key = mixed(key, byte + 1)
        else:
            key = mixed(key, part & _MASK)
        key = mixed(key, 0x3C6EF372)
    return key


def bell(key: int, number: int) -> float:
    """A draw of mean 0 and deviation 1, never beyond 3.47."""
    z = mixed(key, number)
    return ((z & 0xFFFF) + (z >> 16 & 0xFFFF) + (z >> 32 & 0xFFFF) + (z >> 48) - 131070) / SPREAD


class Walk:
    """A weighted sum of standard Brownian paths, each of variance 1 per block.

    Parameters:
        components: (key, weight) of each; two walks that share a key are correlated.
        anchor: the block at whose beginning the path is 0.
    """

    __slots__ = ("_anchor", "_components", "_ends", "_near", "_path", "_reach", "_run", "_values")

    def __init__(self, components: Sequence[tuple[int, float]], anchor: int) -> None:
        self._components = tuple(components)
        self._reach = sum(abs(weight) for _, weight in components)
        self._anchor = anchor
        self._ends: dict[int, float] = {anchor: 0.0}
        # The run whose values are known, and these; the run read last, and left and right ends of the interval at each
        # level on the way to it.
        self._run = -1
        self._values: list[float] = []
        self._near = -1
        self._path: list[tuple[float, float]] = [(0.0, 0.0)] * (_TOP + 1)

    @property
    def components(self) -> tuple[tuple[int, float], ...]:
        return self._components

    @property
    def reach(self) -> float:
        """What a draw of deviation 1 comes to at most, over all components."""
        return self._reach

    def _draw(self, number: int) -> float:
        total = 0.0
        offset = number * _GOLDEN
        for key, weight in self._components:
            # `mixed`, written out: a third of the price of a quote is the call.
            z = (key + offset) & _MASK
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
            z ^= z >> 31
            total += weight * ((z & 0xFFFF) + (z >> 16 & 0xFFFF) + (z >> 32 & 0xFFFF) + (z >> 48) - 131070)
        return total / SPREAD

    def end(self, block: int) -> float:
        """The value at the beginning of `block`, summed from the anchor."""
        known = self._ends.get(block)
        if known is not None:
            return known
        if block > self._anchor:
            near = max(b for b in self._ends if b < block)
            value = self._ends[near]
            for b in range(near, block):
                value += self._draw(b * 2 * BLOCK)
                self._ends[b + 1] = value
        else:
            near = min(b for b in self._ends if b > block)
            value = self._ends[near]
            for b in range(near - 1, block - 1, -1):
                value -= self._draw(b * 2 * BLOCK)
                self._ends[b] = value
        return value

    def _middle(self, block: int, level: int, prefix: int, left: float, right: float) -> float:
        node = (1 << level) | prefix
        return (left + right) / 2 + DEVIATION[level] * self._draw(block * 2 * BLOCK + node)

    def at(self, step: int) -> float:
        """The value at a step. Reading neighbours one after the other is cheap."""
        run = step >> RUN
        if run == self._run:
            return self._values[step & _IN_RUN]
        # A neighbour of what was read before: more of them will be asked for.
        again = run == self._near or run == self._run + 1
        left, right = self._approach(run)
        block, prefix = run >> _TOP, run & ((1 << _TOP) - 1)
        if again:
            self._values = self._unfolded(block, prefix, left, right)
            self._run = run
            return self._values[step & _IN_RUN]
        for level in range(_TOP, DEPTH):
            middle = self._middle(block, level, prefix, left, right)
            upper = step >> (DEPTH - level - 1) & 1
            left, right = (middle, right) if upper else (left, middle)
            prefix = prefix * 2 + upper
        return left

    def _approach(self, run: int) -> tuple[float, float]:
        """The values at the two ends of a run."""
        path, block = self._path, run >> _TOP
        if self._near >= 0 and self._near >> _TOP == block:
            level = _TOP - (run ^ self._near).bit_length()
        else:
            path[0] = (self.end(block), self.end(block + 1))
            level = 0
        offset = run & ((1 << _TOP) - 1)
        left, right = path[level]
        while level < _TOP:
            middle = self._middle(block, level, offset >> (_TOP - level), left, right)
            if offset >> (_TOP - level - 1) & 1:
                left = middle
            else:
                right = middle
            level += 1
            path[level] = (left, right)
        self._near = run
        return left, right

    def _unfolded(self, block: int, prefix: int, left: float, right: float) -> list[float]:
        """The values of all steps of a run."""
        values = [left, right]
        for level in range(_TOP, DEPTH):
            finer = values[:1]
            for place, end in enumerate(values[1:], prefix << (level - _TOP)):
                finer += (self._middle(block, level, place, finer[-1], end), end)
            values = finer
        return values

    def span(self, first: int, last: int) -> tuple[float, float]:
        """The smallest and the greatest value over the steps from `first` to `last`, both included."""
        if last - first < _FEW:
            values = [self.at(step) for step in range(first, last + 1)]
            return min(values), max(values)
        return -self._extreme(first, last, -1.0), self._extreme(first, last, 1.0)

    def _extreme(self, first: int, last: int, sign: float) -> float:
        best = max(sign * self.at(first), sign * self.at(last))
        for block in range(first >> DEPTH, (last >> DEPTH) + 1):
            base = block << DEPTH
            stack = [(0, 0, sign * self.end(block), sign * self.end(block + 1))]
            while stack:
                level, prefix, left, right = stack.pop()
                shift = DEPTH - level
                begin = base + (prefix << shift)
                end = begin + (1 << shift)
                if end <= first or begin > last:
                    continue
                if begin >= first:
                    best = max(best, left)
                if level == DEPTH or max(left, right) + self._reach * EXCESS[level] <= best:
                    continue
                middle = sign * self._middle(block, level, prefix, sign * left, sign * right)
                low, high = (level + 1, prefix * 2, left, middle), (level + 1, prefix * 2 + 1, middle, right)
                # The more promising half is looked at first, so that the other is more often cut off.
                stack.extend((low, high) if right > left else (high, low))
        return best

    def crossing(self, first: int, last: int, low: float, high: float) -> int | None:
        """The first step from `first` to `last` (both included) whose value is at or outside (low, high)."""
        for block in range(first >> DEPTH, (last >> DEPTH) + 1):
            base = block << DEPTH
            stack = [(0, 0, self.end(block), self.end(block + 1))]
            while stack:
                level, prefix, left, right = stack.pop()
                shift = DEPTH - level
                begin = base + (prefix << shift)
                if begin + (1 << shift) <= first or begin > last:
                    continue
                if begin >= first and not low < left < high:
                    return begin
                excess = self._reach * EXCESS[level]
                inside = min(left, right) - excess > low and max(left, right) + excess < high
                if level == DEPTH or inside:
                    continue
                middle = self._middle(block, level, prefix, left, right)
                stack.append((level + 1, prefix * 2 + 1, middle, right))
                stack.append((level + 1, prefix * 2, left, middle))
        return None


class Flow:
    """A growing count over steps: `mean` units per block, spread in bursts, in whole lots.

    Parameters:
        key: of its draws.
        mean: units per block on average.
        lot: the count grows by multiples of this.
    """

    __slots__ = ("_counts", "_grown", "_key", "_lot", "_mean", "_near", "_path", "_run", "_totals")

    def __init__(self, key: int, mean: float, lot: int) -> None:
        self._key = key
        self._mean = mean
        self._lot = lot
        self._totals: dict[int, float] = {}
        # The newest growth found: (block, count, step, units).
        self._grown = (0, 0, 0, 0)
        # The run whose counts are known, and these; the run read last, and (count before the interval, count within
        # it) at each level on the way to it.
        self._run = -1
        self._counts: list[int] = []
        self._near = -1
        self._path: list[tuple[float, float]] = [(0.0, 0.0)] * (_TOP + 1)

    @property
    def key(self) -> int:
        return self._key

    @property
    def lot(self) -> int:
        return self._lot

    def total(self, block: int) -> float:
        """Units of a whole block, before they are cut into lots."""
        total = self._totals.get(block)
        if total is None:
            total = self._mean * (1.0 + 0.25 * bell(self._key, block * 2 * BLOCK))
            self._totals[block] = total
        return total

    def _share(self, block: int, level: int, prefix: int) -> float:
        """The part of an interval's count that falls in its first half, between 0.3 and 0.7."""
        node = (1 << level) | prefix
        return 0.3 + 0.4 * (mixed(self._key, block * 2 * BLOCK + node) >> 11) / (1 << 53)

    def _approach(self, run: int) -> tuple[float, float]:
        """The raw count from the block's beginning to that of a run, and within it."""
        path, block = self._path, run >> _TOP
        if self._near >= 0 and self._near >> _TOP == block:
            level = _TOP - (run ^ self._near).bit_length()
        else:
            path[0] = (0.0, self.total(block))
            level = 0
        offset = run & ((1 << _TOP) - 1)
        before, within = path[level]
        while level < _TOP:
            first = within * self._share(block, level, offset >> (_TOP - level))
            if offset >> (_TOP - level - 1) & 1:
                before += first
                within -= first
            else:
                within = first
            level += 1
            path[level] = (before, within)
        self._near = run
        return before, within

    def _unfolded(self, block: int, prefix: int, before: float, within: float) -> list[int]:
        """The counts of all steps of a run."""
        parts = [(before, within)]
        for level in range(_TOP, DEPTH):
            finer: list[tuple[float, float]] = []
            for place, (before, within) in enumerate(parts, prefix << (level - _TOP)):  # noqa: PLR1704  what is halved
                first = within * self._share(block, level, place)
                finer += ((before, first), (before + first, within - first))
            parts = finer
        lot = self._lot
        return [int((before + within) / lot) * lot for before, within in parts]

    def count(self, step: int) -> int:
        """Whole lots, in units, from the beginning of the step's block to the end of the step."""
        run = step >> RUN
        if run == self._run:
            return self._counts[step & _IN_RUN]
        again = run == self._near or run == self._run + 1
        before, within = self._approach(run)
        block, prefix = run >> _TOP, run & ((1 << _TOP) - 1)
        if again:
            self._counts = self._unfolded(block, prefix, before, within)
            self._run = run
            return self._counts[step & _IN_RUN]
        for level in range(_TOP, DEPTH):
            first = within * self._share(block, level, prefix)
            upper = step >> (DEPTH - level - 1) & 1
            before, within = (before + first, within - first) if upper else (before, first)
            prefix = prefix * 2 + upper
        return int((before + within) / self._lot) * self._lot

    def between(self, after: int, until: int) -> int:
        """Units in the steps after `after` up to and including `until`."""
        grown = self.count(until) - self.count(after)
        for block in range(after >> DEPTH, until >> DEPTH):
            grown += self.count((block << DEPTH) + BLOCK - 1)
        return grown

    def newest(self, step: int) -> tuple[int, int] | None:
        """The newest step at or before `step` in which the count grew, and by how much; None within two blocks."""
        known = self._grown
        if known[0] == step >> DEPTH and known[1] == self.count(step) and known[2] <= step:
            return known[2], known[3]
        for block in (step >> DEPTH, (step >> DEPTH) - 1):
            upto = step if block == step >> DEPTH else (block << DEPTH) + BLOCK - 1
            count = self.count(upto)
            if count > 0:
                known = self._grown
                if known[:2] != (block, count) or known[2] > upto:
                    found = self._first_reaching(block, count, upto)
                    grown = count - (self.count(found - 1) if found & (BLOCK - 1) else 0)
                    known = self._grown = (block, count, found, grown)
                return known[2], known[3]
        return None

    def _first_reaching(self, block: int, count: int, upto: int) -> int:
        """The first step of `block` whose count is at least `count`, known to be reached at `upto`."""
        low, high = block << DEPTH, upto
        if upto >> RUN == self._run:
            place = bisect_left(self._counts, count, 0, (upto & _IN_RUN) + 1)
            high = (upto & ~_IN_RUN) + place
            if place:
                return high
        # Most reads come shortly after a growth: look near before searching the whole block.
        reach = 1
        while high - reach > low and self.count(high - reach) >= count:
            high -= reach
            reach *= 2
        low = max(low, high - reach)
        while low < high:
            middle = (low + high) // 2
            if self.count(middle) >= count:
                high = middle
            else:
                low = middle + 1
        return low
