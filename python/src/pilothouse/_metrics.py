"""What a script logs, taken apart: numbers, and samples."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ._number import to_number
from ._sample import Sample, list_samples
from ._warn import warn_once

_DEPTH_MAX = 16


def split_metrics(metrics: Mapping[Any, Any]) -> tuple[dict[str, float], dict[str, list[Sample]]]:
    """Every number in `metrics` under its key, and every sample; keys of nested mappings are joined by «/». What is neither
    is left out with one warning for each key."""
    numbers: dict[str, float] = {}
    samples: dict[str, list[Sample]] = {}
    for key, value in _walk(metrics, "", 0):
        number = to_number(value)
        if number is not None:
            numbers[key] = number
            continue
        found = list_samples(key, value)
        if found is not None:
            samples[key] = found
        else:
            warn_once(f"value:{key}", f"log(): «{key}» is no single number ({type(value).__name__}); left out.")
    return numbers, samples


def _walk(metrics: Mapping[Any, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in metrics.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and depth < _DEPTH_MAX:
            yield from _walk(value, key + "/", depth + 1)
        else:
            yield key, value
