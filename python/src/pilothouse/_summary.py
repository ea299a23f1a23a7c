"""The summary of a job: one value for each metric, by itself or as the script sets it."""

from __future__ import annotations

import math
import threading
from typing import Any, Callable, Mapping, Optional, Sequence

from ._config import to_config
from ._definitions import Definitions
from ._fields import Fields
from ._number import to_number
from ._points import EPOCH_KEY, Block, Row

_SOURCE = "job"


class SummaryFold:
    """The last value of every metric of the job itself, and what else its definition asks for.

    Blocks and rows may be folded in twice (`take_rows` looks ahead of `take_blocks`), except for means: only `take_means`
    counts for those, once for each row.
    """

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        #: Step of the last value of each, and the epoch of the last row that has one.
        self._last_step: dict[str, float] = {}
        self._epoch: Optional[float] = None
        self._low: dict[str, float] = {}
        self._high: dict[str, float] = {}
        self._sums: dict[str, tuple[float, int]] = {}

    def take_blocks(self, blocks: Sequence[Block]) -> None:
        """Takes in packed points, in their order."""
        with self._lock:
            for block in blocks:
                if block.source == _SOURCE:
                    for key, column in zip(block.keys, block.values):
                        self._take(key, column)
                        self._last_step[key] = block.steps[-1] if block.steps else self._last_step.get(key, 0.0)
                    if block.epochs:
                        self._epoch = block.epochs[-1]

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Takes in rows that are not packed yet."""
        with self._lock:
            for source, step, _, epoch, values in rows:
                if source == _SOURCE:
                    self._epoch = self._epoch if epoch is None else epoch
                    for key, value in values.items():
                        number = to_number(value)
                        if number is not None:
                            self._take(str(key), (number,))
                            self._last_step[str(key)] = step

    def take_means(self, rows: Sequence[Row]) -> None:
        """Takes rows into those means that were asked for."""
        if not self._definitions.means:
            return
        with self._lock:
            for source, _, _, _, values in rows:
                for key, value in values.items() if source == _SOURCE else ():
                    metric = self._definitions.find(str(key))
                    number = to_number(value) if metric and "mean" in metric.summary else None
                    if number is not None and math.isfinite(number):
                        total, count = self._sums.get(str(key), (0.0, 0))
                        self._sums[str(key)] = (total + number, count + 1)

    def read(self) -> dict[str, Any]:
        """Key → value; what was asked for beside the last value stands under `key.min` and the like."""
        with self._lock:
            values: dict[str, Any] = {}
            for key, last in self._last.items():
                values.update(self._read_key(key, last))
            return values

    def last(self) -> dict[str, float]:
        """Key → the last value of it."""
        with self._lock:
            return dict(self._last)

    def newest(self) -> tuple[Optional[float], dict[str, tuple[float, float]]]:
        """The epoch, None where nobody has told one, and for each key the step and the value of its last point."""
        with self._lock:
            epoch = self._last.get(EPOCH_KEY) if self._epoch is None else self._epoch
            return epoch, {key: (self._last_step.get(key, 0.0), value) for key, value in self._last.items()}

    def _take(self, key: str, column: Sequence[float]) -> None:
        if not column:
            return
        self._last[key] = column[-1]
        metric = self._definitions.find(key) if len(self._definitions) else None
        if metric is None or not metric.summary:
            return
        finite = [value for value in column if math.isfinite(value)]
        if finite:
            self._low[key] = min(min(finite), self._low.get(key, math.inf))
            self._high[key] = max(max(finite), self._high.get(key, -math.inf))

    def _read_key(self, key: str, last: float) -> dict[str, Any]:
        metric = self._definitions.find(key) if len(self._definitions) else None
        kinds = metric.summary if metric else ()
        if "none" in kinds:
            return {}
        values: dict[str, Any] = {key: last}
        total, count = self._sums.get(key, (0.0, 0))
        best = self._high if metric and metric.goal == "maximize" else self._low
        known = {
            "min": self._low.get(key),
            "max": self._high.get(key),
            "mean": total / count if count else None,
            "best": best.get(key),
        }
        values.update({f"{key}.{kind}": known[kind] for kind in kinds if known.get(kind) is not None})
        return values


class Summary(Fields):
    """The summary: `job.summary["accuracy"]` is the last value logged, unless the script set another.

    What the script sets stays, whatever is logged later. Nested mappings are joined by «/», as `log()` does it.
    """

    def __init__(self, read_logged: Callable[[], Mapping[str, Any]], changed: Callable[[], None]) -> None:
        super().__init__({}, changed)
        self.__dict__["_read_logged"] = read_logged
        self.__dict__["_earlier"] = {}

    def as_dict(self) -> dict[str, Any]:
        """A copy: what was logged last, and over it what was set."""
        logged = _join_extremes(self._earlier, self._read_logged())  # before the lock: the reporter holds its own as it asks
        with self._lock:
            return {**self._earlier, **logged, **self._values}

    def get_path(self, name: str) -> Any:
        with self._lock:
            if name in self._values:
                return self._values[name]
        return self.as_dict()[name]

    def update(self, *others: Any, **values: Any) -> None:
        """Sets several values."""
        with self._lock:
            for other in (*others, values):
                self._values.update(_flatten(dict(other)))
        self._changed()

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({str(name): value})

    def __len__(self) -> int:
        return len(self.as_dict())

    def adopt(self, earlier: Mapping[str, Any]) -> None:
        """Takes what earlier attempts of the job left; what is logged and set from now on goes over it."""
        self.__dict__["_earlier"] = dict(earlier)

    def to_wire(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        return to_config(self.as_dict())


def _join_extremes(earlier: Mapping[str, Any], logged: Mapping[str, Any]) -> dict[str, Any]:
    """What was logged, with the minima and maxima of all attempts."""
    joined = dict(logged)
    for ending, choose in ((".min", min), (".max", max)):
        for key in logged:
            before = earlier.get(key) if key.endswith(ending) else None
            if isinstance(before, (int, float)):
                joined[key] = choose(before, logged[key])
    return joined


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value and len(key) < 1024:
            flat.update(_flatten(value, key + "/"))
        else:
            flat[key] = value
    return flat
