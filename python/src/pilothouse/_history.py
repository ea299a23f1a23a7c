"""Metrics of a job side by side."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ._errors import PilothouseError


class Column(NamedTuple):
    """One metric: x and value of each point, x rising."""

    key: str
    x: Sequence[float]
    values: Sequence[float]


class History(List[Dict[str, float]]):
    """Rows with the same keys each, in the order of x."""

    def columns(self) -> Dict[str, List[float]]:
        """Key → all its values; all lists are equally long."""
        return {key: [row[key] for row in self] for key in self[0]} if self else {}

    def to_pandas(self) -> Any:
        """The same as a pandas DataFrame. Raises PilothouseError when pandas is not installed."""
        try:
            import pandas  # type: ignore[import-untyped,unused-ignore]
        except ImportError as error:
            raise PilothouseError("to_pandas() needs pandas, which is not installed: pip install pandas") from error
        return pandas.DataFrame(self.columns())


def join_history(columns: Sequence[Column], axis: str, by: Optional[str]) -> History:
    """Rows from columns. `axis`: name of x. `by`: the key of a metric whose value stands as x instead."""
    rows: Dict[float, Dict[str, float]] = {}
    keys = [column.key for column in columns if column.key != by]
    for column in columns:
        if column.key != by:
            for x, value in zip(column.x, column.values):
                rows.setdefault(x, {})[column.key] = value
    names = [(x, x) for x in rows]
    if by is not None:
        other = next((column for column in columns if column.key == by), Column(by, (), ()))
        names = [(x, _value_at(other, x)) for x in rows]
    filled = ({by or axis: name, **{key: rows[x].get(key, math.nan) for key in keys}} for x, name in names)
    return History(sorted(filled, key=lambda row: (math.isnan(row[by or axis]), row[by or axis])))


def read_number(value: Any) -> float:
    """A number of an answer: those that JSON lacks are words there."""
    return math.nan if value is None else float(value)


def _value_at(column: Column, x: float) -> float:
    at = bisect_right(column.x, x) - 1
    return column.values[at] if at >= 0 else math.nan
