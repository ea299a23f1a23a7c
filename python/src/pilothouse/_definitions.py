"""What a script says of its metrics: which way is better, what they are drawn over, what the summary keeps."""

from __future__ import annotations

import re
import threading
from typing import Any, Optional, Sequence, Union

from . import _limits as limits
from ._errors import OptionError
from ._text import clean_text
from ._warn import warn_once

GOALS = ("minimize", "maximize")
SUMMARIES = ("min", "max", "mean", "last", "best", "none")
#: Words of other trackers for the same.
_ALIASES = {"copy": "last", "first": "last", "minimise": "minimize", "maximise": "maximize"}


class Metric:
    """What was said of one metric, or of all that match a pattern."""

    def __init__(
        self, name: str, step_metric: Optional[str], goal: Optional[str], summary: tuple[str, ...], hidden: bool
    ) -> None:
        #: A key; «*» stands for any text.
        self.name = name
        self.step_metric = step_metric
        self.goal = goal
        self.summary = summary
        self.hidden = hidden
        self._pattern = re.compile(".*".join(map(re.escape, name.split("*"))), re.DOTALL) if "*" in name else None

    def matches(self, key: str) -> bool:
        """True when this counts for `key`."""
        return self._pattern.fullmatch(key) is not None if self._pattern else key == self.name

    def to_wire(self) -> dict[str, Any]:
        """The definition on the wire."""
        parts = {"goal": self.goal, "stepMetric": self.step_metric, "summary": list(self.summary), "hidden": self.hidden}
        return {"key": self.name, **{key: value for key, value in parts.items() if value}}


class Definitions:
    """All definitions of a job; an exact one counts before a pattern."""

    def __init__(self) -> None:
        self._all: dict[str, Metric] = {}
        self._found: dict[str, Optional[Metric]] = {}
        #: True once a mean was asked for, which costs a look at every row.
        self.means = False
        self._lock = threading.Lock()

    def define(self, metric: Metric) -> bool:
        """Adds or replaces one. False, with one warning, when there are too many."""
        with self._lock:
            if metric.name not in self._all and len(self._all) >= limits.METRIC_DEFINITIONS_MAX:
                warn_once(
                    "define", f"define_metric(): {limits.METRIC_DEFINITIONS_MAX} are possible; «{metric.name}» is left out."
                )
                return False
            self._all[metric.name] = metric
            self.means = self.means or "mean" in metric.summary
            self._found.clear()
            return True

    def find(self, key: str) -> Optional[Metric]:
        """The definition that counts for `key`."""
        with self._lock:
            if key not in self._found:
                if len(self._found) >= limits.KEY_SETS_MAX:
                    self._found.clear()
                patterns = (metric for metric in self._all.values() if metric.matches(key))
                self._found[key] = self._all.get(key) or next(patterns, None)
            return self._found[key]

    def __len__(self) -> int:
        return len(self._all)

    def to_wire(self) -> list[dict[str, Any]]:
        """All of them on the wire."""
        with self._lock:
            return [metric.to_wire() for metric in self._all.values()]


def read_definition(
    name: Any, *, step_metric: Any, goal: Optional[str], summary: Union[str, Sequence[str], None], hidden: Optional[bool]
) -> Metric:
    """Checks the options of `define_metric`. Raises OptionError."""
    key = clean_text(str(getattr(name, "name", name)))
    if not 1 <= len(key.encode("utf-8")) <= limits.KEY_BYTES_MAX or key.count("*") > 8:
        raise OptionError(f"define_metric(): a name of 1 to {limits.KEY_BYTES_MAX} bytes with at most 8 «*» was expected")
    step = None if step_metric is None else clean_text(str(getattr(step_metric, "name", step_metric))) or None
    if goal is not None and _ALIASES.get(goal, goal) not in GOALS:
        raise OptionError(f"goal is «{goal}», one of {', '.join(GOALS)} was expected")
    words = [] if summary is None else summary.split(",") if isinstance(summary, str) else list(summary)
    kinds = tuple(dict.fromkeys(_ALIASES.get(word.strip(), word.strip()) for word in words))
    unknown = [kind for kind in kinds if kind not in SUMMARIES]
    if unknown:
        raise OptionError(f"summary is «{', '.join(unknown)}», some of {', '.join(SUMMARIES)} were expected")
    return Metric(key, step, None if goal is None else _ALIASES.get(goal, goal), kinds, bool(hidden))
