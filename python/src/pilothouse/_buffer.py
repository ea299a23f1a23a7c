"""A bounded queue between the script and the background thread."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Buffer(Generic[Item]):
    """Takes items from any thread without a lock and without waiting.

    A deque's `append`, `popleft` and `len` are atomic. Nobody is woken by `put` (a wake-up costs a system call in the
    training loop): the one reader comes by itself. When full, the new item is left out and counted.
    """

    __slots__ = ("_items", "_limit", "_lost")

    def __init__(self, limit: int) -> None:
        self._items: deque[Item] = deque()
        self._limit = limit
        self._lost = 0

    def put(self, item: Item) -> None:
        """Adds an item, or counts it as lost when `limit` items wait. May overshoot by one for each thread."""
        if len(self._items) < self._limit:
            self._items.append(item)
        else:
            self._lost += 1

    def drain(self, most: int) -> list[Item]:
        """Takes out the oldest items, at most `most` of them. For one reader only."""
        pop = self._items.popleft
        return [pop() for _ in range(min(most, len(self._items)))]

    def take_lost(self) -> int:
        """How many items were left out since the last call."""
        lost, self._lost = self._lost, 0
        return lost

    def clear(self) -> None:
        """Forgets everything."""
        self._items.clear()

    def __len__(self) -> int:
        return len(self._items)
