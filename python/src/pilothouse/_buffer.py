"""A bounded queue between the script and the background thread."""

from __future__ import annotations

from collections import deque
from typing import Callable, Generic, TypeVar

Item = TypeVar("Item")


class Buffer(Generic[Item]):
    """Takes items from any thread without a lock and without waiting.

    `put` is the `append` of a deque with a bound: atomic, and one call into C. In a loop with 2 ms between calls each
    further line of Python here costs microseconds, because nothing of it is in the processor's caches. Nobody is woken
    either (that would be a system call): the one reader comes by itself. Beyond the bound the oldest items give way.
    """

    __slots__ = ("_items", "_limit", "put")

    def __init__(self, limit: int) -> None:
        self._items: deque[Item] = deque(maxlen=limit)
        self._limit = limit
        #: Adds an item.
        self.put: Callable[[Item], None] = self._items.append

    @property
    def full(self) -> bool:
        """True when the bound is reached: items are being left out, or the next one will."""
        return len(self._items) >= self._limit

    def drain(self, most: int) -> list[Item]:
        """Takes out the oldest items, at most `most` of them. For one reader only."""
        pop = self._items.popleft
        return [pop() for _ in range(min(most, len(self._items)))]

    def clear(self) -> None:
        """Forgets everything."""
        self._items.clear()

    def __len__(self) -> int:
        return len(self._items)
