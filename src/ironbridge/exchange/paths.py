"""Many steps of a walk or a flow at once: the same numbers that `Walk` and `Flow` give one by one.

Owns the array arithmetic, and needs NumPy, which is why nothing imports it before the past is asked for. A stretch is
read by unfolding the tree of a block level by level; scattered steps by descending to all of them together; extremes
by branch and bound over all intervals at the same time.

Invariant: operation for operation the arithmetic of `walk`, so that history and the live market are one path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironbridge.exchange.walk import BLOCK, DEPTH, DEVIATION, EXCESS, SPREAD, Flow, Walk

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S16, _S27, _S30, _S31, _S32, _S48 = (np.uint64(n) for n in (16, 27, 30, 31, 32, 48))
_LOW16 = np.uint64(0xFFFF)
_S11 = np.uint64(11)
_MASK = (1 << 64) - 1


def mixed(key: int, numbers: Ints) -> NDArray[np.uint64]:
    """`walk.mixed` of one key and many numbers."""
    z = numbers.astype(np.uint64)
    z *= _GOLDEN
    z += np.uint64(key & _MASK)
    z ^= z >> _S30
    z *= _FIRST
    z ^= z >> _S27
    z *= _SECOND
    z ^= z >> _S31
    return z


def _draw(walk: Walk, numbers: Ints) -> Reals:
    total = np.zeros(len(numbers))
    for key, weight in walk.components:
        z = mixed(key, numbers)
        summed = (z & _LOW16) + (z >> _S16 & _LOW16) + (z >> _S32 & _LOW16) + (z >> _S48)
        total += weight * (summed.astype(np.int64) - 131070)
    total /= SPREAD
    return total


def _share(flow: Flow, numbers: Ints) -> Reals:
    return 0.3 + 0.4 * (mixed(flow.key, numbers) >> _S11).astype(np.float64) / (1 << 53)


def _interleaved(first: Reals, second: Reals, start: int, size: int) -> Reals:
    both = np.empty(2 * len(first))
    both[0::2], both[1::2] = first, second
    return both[start : start + size]


class _Level(NamedTuple):
    """One level of a block's tree, as far as it covers a stretch: nodes, and which of their children go on."""

    level: int
    numbers: Ints
    start: int
    size: int


def _levels(block: int, low: int, high: int) -> Iterator[_Level]:
    for level in range(DEPTH):
        shift = DEPTH - level
        first, last = low >> shift, high >> shift
        numbers = np.arange(first, last + 1, dtype=np.int64) + (block * 2 * BLOCK + (1 << level))
        begin, end = low >> (shift - 1), high >> (shift - 1)
        yield _Level(level, numbers, begin - 2 * first, end - begin + 1)


def _parts(first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """A stretch by blocks: the block, and the first and last step within it."""
    for block in range(first >> DEPTH, (last >> DEPTH) + 1):
        base = block << DEPTH
        yield block, max(first, base) - base, min(last, base + BLOCK - 1) - base


def values(walk: Walk, first: int, last: int) -> Reals:
    """`walk.at` of every step from `first` to `last`, both included."""
    parts = []
    for block, low, high in _parts(first, last):
        left, right = np.array([walk.end(block)]), np.array([walk.end(block + 1)])
        for level, numbers, start, size in _levels(block, low, high):
            middle = (left + right) / 2 + DEVIATION[level] * _draw(walk, numbers)
            left, right = _interleaved(left, middle, start, size), _interleaved(middle, right, start, size)
        parts.append(left)
    return np.concatenate(parts)


def values_at(walk: Walk, steps: Ints) -> Reals:
    """`walk.at` of scattered steps."""
    blocks, offsets = steps >> DEPTH, steps & (BLOCK - 1)
    left = _by_block(blocks, walk.end)
    right = _by_block(blocks + 1, walk.end)
    base = blocks * (2 * BLOCK)
    for level in range(DEPTH):
        middle = (left + right) / 2 + DEVIATION[level] * _draw(
            walk, base + ((1 << level) | (offsets >> (DEPTH - level)))
        )
        upper = (offsets >> (DEPTH - level - 1) & 1).astype(bool)
        left, right = np.where(upper, middle, left), np.where(upper, right, middle)
    return left


def growth(flow: Flow, first: int, last: int) -> Ints:
    """Units by which the flow grew in every step from `first` to `last`, both included."""
    parts = []
    for block, low, high in _parts(first, last):
        # One step more to the left, whose count the first one's growth is measured from.
        begin = max(0, low - 1)
        before, within = np.zeros(1), np.array([flow.total(block)])
        for _, numbers, start, size in _levels(block, begin, high):
            share = within * _share(flow, numbers)
            before, within = (
                _interleaved(before, before + share, start, size),
                _interleaved(share, within - share, start, size),
            )
        counts = _lots(before + within, flow.lot)
        grown = np.diff(counts, prepend=0)
        parts.append(grown if begin == low else grown[1:])
    return np.concatenate(parts)


def counts_at(flow: Flow, steps: Ints) -> Ints:
    """`flow.count` of scattered steps."""
    blocks, offsets = steps >> DEPTH, steps & (BLOCK - 1)
    base = blocks * (2 * BLOCK)
    before, within = np.zeros(len(steps)), _by_block(blocks, flow.total)
    for level in range(DEPTH):
        share = within * _share(flow, base + ((1 << level) | (offsets >> (DEPTH - level))))
        upper = (offsets >> (DEPTH - level - 1) & 1).astype(bool)
        before = np.where(upper, before + share, before)
        within = np.where(upper, within - share, share)
    return _lots(before + within, flow.lot)


def growth_at(flow: Flow, steps: Ints) -> Ints:
    """Units by which the flow grew in scattered steps."""
    counts = counts_at(flow, np.concatenate((steps, steps - 1)))
    # A block's count begins anew with it.
    return counts[: len(steps)] - np.where(steps & (BLOCK - 1), counts[len(steps) :], 0)


def reaching(flow: Flow, blocks: Ints, wanted: Ints) -> Ints:
    """The first step of each block whose count is at least `wanted`, which the block is known to reach."""
    base = blocks * (2 * BLOCK)
    before, within = np.zeros(len(blocks)), _by_block(blocks, flow.total)
    prefix = np.zeros(len(blocks), dtype=np.int64)
    for level in range(DEPTH):
        share = within * _share(flow, base + ((1 << level) | prefix))
        upper = _lots(before + share, flow.lot) < wanted
        before = np.where(upper, before + share, before)
        within = np.where(upper, within - share, share)
        prefix = prefix * 2 + upper
    return (blocks << DEPTH) + prefix


def _lots(raw: Reals, lot: int) -> Ints:
    return (raw / lot).astype(np.int64) * lot


def _by_block(blocks: Ints, value: Callable[[int], float]) -> Reals:
    known, places = np.unique(blocks, return_inverse=True)
    return np.array([value(int(block)) for block in known], dtype=np.float64)[places]


class Peaks(NamedTuple):
    """Steps near the extreme of their interval: its index, the step, and the value there, ordered by interval."""

    interval: Ints
    step: Ints
    value: Reals


def peaks(walk: Walk, first: Ints, last: Ints, slack: Reals, sign: float, known: Reals) -> Peaks:
    """All steps of each interval [first, last] whose value is within `slack` of its extreme.

    Parameters:
        walk: the path.
        first, last: steps of the intervals, both included.
        slack: how near, by interval.
        sign: 1 for the greatest value, -1 for the smallest.
        known: a value of each interval; the nearer to the extreme, the quicker the search.
    """
    index, block = _blocks_of(first, last)
    begin = block << DEPTH
    left, right = sign * _by_block(block, walk.end), sign * _by_block(block + 1, walk.end)
    worst = sign * known - slack
    for level in range(DEPTH):
        shift = DEPTH - level
        numbers = ((begin >> DEPTH) * (2 * BLOCK) + (1 << level)) + ((begin & (BLOCK - 1)) >> shift)
        middle = (left + right) / 2 + (sign * DEVIATION[level]) * _draw(walk, numbers)
        half = begin + (1 << (shift - 1))
        starts, ends = first[index], last[index]
        # Halves that touch their interval; a middle that lies in it may raise what is known.
        touching = np.empty((len(index), 2), dtype=bool)
        np.greater(half, starts, out=touching[:, 0])
        np.less_equal(half, ends, out=touching[:, 1])
        both = touching[:, 0] & touching[:, 1]
        np.maximum.at(worst, index[both], middle[both] - slack[index[both]])
        enough = worst[index] - walk.reach * EXCESS[level + 1]
        touching[:, 0] &= np.maximum(left, middle) >= enough
        touching[:, 1] &= np.maximum(middle, right) >= enough
        kept = np.flatnonzero(touching)
        parent = kept >> 1
        index = index[parent]
        left = np.column_stack((left, middle)).ravel()[kept]
        right = np.column_stack((middle, right)).ravel()[kept]
        begin = begin[parent] + ((kept & 1) << (shift - 1))
    keep = (left >= worst[index]) & (begin >= first[index]) & (begin <= last[index])
    return Peaks(index[keep], begin[keep], sign * left[keep])


def _blocks_of(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The blocks that the intervals touch: index of the interval, and block."""
    low, high = first >> DEPTH, last >> DEPTH
    number = high - low + 1
    index = np.repeat(np.arange(len(first), dtype=np.int64), number)
    offset = np.arange(len(index), dtype=np.int64) - np.repeat(np.cumsum(number) - number, number)
    return index, low[index] + offset
