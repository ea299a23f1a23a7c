"""Values become counts over bins."""

from __future__ import annotations

import math
import sys
from typing import Any, Iterable, Iterator, Optional

from . import _limits as limits
from ._number import to_number


def read_histogram(value: Any, certain: bool) -> Optional[dict[str, Any]]:
    """Counts and edges that are known already; None when `value` is not such a pair (unless it is `certain` to be one).

    Raises ValueError with words.
    """
    pair = isinstance(value, (tuple, list)) and len(value) == 2 and all(hasattr(part, "__len__") for part in value)
    if not pair:
        if certain:
            raise ValueError("counts and edges were expected, as numpy.histogram gives them")
        return None
    counts, edges = ([to_number(number) for number in part] for part in value)
    if len(edges) != len(counts) + 1:
        raise ValueError(f"{len(counts)} counts with {len(edges)} edges, one edge more than counts was expected")
    if not 1 <= len(counts) <= limits.HISTOGRAM_BINS_MAX:
        raise ValueError(f"{len(counts)} bins, 1 to {limits.HISTOGRAM_BINS_MAX} are possible")
    known = [number for number in (*counts, *edges) if number is not None and math.isfinite(number)]
    rises = len(known) == len(counts) + len(edges) and all(
        one <= other for one, other in zip(known[len(counts) :], known[len(counts) + 1 :])
    )
    if not rises or min(known[: len(counts)]) < 0:
        raise ValueError("counts from 0 on and edges that rise were expected, all of them finite")
    return {"counts": known[: len(counts)], "edges": known[len(counts) :]}


def count_values(values: Any, bins: int) -> dict[str, Any]:
    """Counts of the finite values in equal bins from the smallest to the largest. Raises ValueError without any."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and not isinstance(values, (list, tuple)) and hasattr(values, "shape"):
        return _count_array(numpy, values, bins)
    numbers, non_finite = [], 0
    for value in _flatten(values):
        number = to_number(value)
        if number is None or not math.isfinite(number):
            non_finite += 1
        else:
            numbers.append(number)
    if not numbers:
        raise ValueError("no finite value")
    edges = spread_edges(min(numbers), max(numbers), bins)
    counts = [0] * bins
    width = (edges[-1] - edges[0]) / bins
    for number in numbers:
        counts[min(bins - 1, int((number - edges[0]) / width))] += 1
    return _body(counts, edges, non_finite)


def spread_edges(low: float, high: float, bins: int) -> list[float]:
    """Edges of equal bins; where all values are one, around it."""
    if high <= low:
        half = max(abs(low) * 1e-6, 0.5)
        low, high = low - half, high + half
    if not math.isfinite(high - low):
        raise ValueError("the values lie too far apart to be counted")
    return [*(min(high, low + (high - low) * at / bins) for at in range(bins)), high]


def _count_array(numpy: Any, values: Any, bins: int) -> dict[str, Any]:
    for name in ("detach", "cpu"):  # torch
        values = getattr(values, name)() if hasattr(values, name) else values
    if str(getattr(values, "dtype", "")) == "torch.bfloat16":
        values = values.float()
    flat = numpy.asarray(values).astype("float64").ravel()
    finite = flat[numpy.isfinite(flat)]
    if finite.size == 0:
        raise ValueError("no finite value")
    edges = spread_edges(float(finite.min()), float(finite.max()), bins)
    counts, _ = numpy.histogram(finite, bins=numpy.asarray(edges))
    return _body([int(count) for count in counts], edges, int(flat.size - finite.size))


def _body(counts: list[int], edges: list[float], non_finite: int) -> dict[str, Any]:
    body: dict[str, Any] = {"counts": counts, "edges": edges}
    return {**body, "nonFinite": non_finite} if non_finite else body


def _flatten(values: Any) -> Iterator[Any]:
    listed = getattr(values, "tolist", None)
    plain = listed() if callable(listed) else values
    if isinstance(plain, (str, bytes)) or not isinstance(plain, Iterable):
        yield plain
        return
    for value in plain:
        if isinstance(value, (list, tuple)):
            yield from _flatten(value)
        else:
            yield value
