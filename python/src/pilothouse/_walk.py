"""Through the steps of a loop, back and forth."""

from __future__ import annotations

from typing import Any, Iterator, Protocol, Sequence


class Guide(Protocol):
    """Says at each step where to go on."""

    stopped: bool

    def control(self, step: float) -> float:
        """The step to go on with."""


def walk(items: Sequence[Any], guide: Guide) -> Iterator[Any]:
    """The items one after the other, with a control point before each."""
    at = 0
    while at < len(items):
        step = items[at]
        go_on = guide.control(step)
        if guide.stopped:
            return
        if go_on != step:
            at = find_place(items, go_on)
            if at >= len(items):
                return
            step = items[at]
        yield step
        at += 1


def find_place(items: Sequence[Any], step: float) -> int:
    """Where in the items to go on with `step`: at it, else at the first one behind it."""
    try:
        return items.index(step)
    except ValueError:
        return next((at for at, item in enumerate(items) if item >= step), len(items))
