"""Rows as `log()` leaves them become dense blocks of columns, one block for each set of keys."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Iterator, Mapping, Optional, Sequence, Tuple

from ._limits import KEY_SETS_MAX, KEYS_IN_BLOCK_MAX
from ._number import check_key, to_number

#: One call of `log()`, or one sample of a host or GPU: source, step, seconds since 1970, epoch, numbers under their keys.
#: A plain tuple, because making anything else costs the training loop more.
Row = Tuple[str, float, float, Optional[float], Mapping[str, float]]


#: A metric of this name is the epoch of its row and of those that follow, where the script gives no other.
EPOCH_KEY = "epoch"


def count_numbers(row: Row) -> int:
    """How many numbers a row puts on the wire."""
    return len(row[4]) + 3


@dataclass
class Block:
    """Rows × keys, dense. Columns are as long as there are rows."""

    source: str
    keys: tuple[str, ...]
    epochs: Optional[array[float]]
    steps: array[float] = field(default_factory=lambda: array("d"))
    times: array[float] = field(default_factory=lambda: array("d"))
    values: list[array[float]] = field(default_factory=list)

    def header(self) -> dict[str, Any]:
        """The block in the header of a frame."""
        block: dict[str, Any] = {"source": self.source, "keys": self.keys, "rows": len(self.steps)}
        if self.epochs is not None:
            block["epochs"] = True
        return block

    def columns(self) -> list[array[float]]:
        """Its columns in the order of the wire."""
        return [self.steps, self.times, *([] if self.epochs is None else [self.epochs]), *self.values]


class Packer:
    """Packs rows into as few blocks as keep each series in its order of arrival."""

    def __init__(self) -> None:
        self._epoch: Optional[float] = None
        self._checked: dict[tuple[Any, ...], list[tuple[tuple[Any, ...], tuple[str, ...]]]] = {}

    def pack(self, rows: Sequence[Row]) -> list[Block]:
        """Blocks for all rows. A row joins an earlier block of its shape unless one of its keys went elsewhere since."""
        blocks: list[Block] = []
        by_shape: dict[tuple[Any, ...], Block] = {}
        newest: dict[tuple[str, str], Block] = {}
        for (source, names, has_epoch), run in groupby(self._add_epochs(rows), _shape_of):
            part = list(run)
            for given, keys in self._check(names):
                shape = (source, keys, has_epoch)
                block = by_shape.get(shape)
                if block is None or any(newest[source, key] is not block for key in keys):
                    block = Block(source, keys, array("d") if has_epoch else None, values=[array("d") for _ in keys])
                    blocks.append(block)
                    by_shape[shape] = block
                    newest.update(((source, key), block) for key in keys)
                _extend(block, part, given)
        return blocks

    def _add_epochs(self, rows: Sequence[Row]) -> Iterator[Row]:
        """The same rows, with the epoch that the script logged last as a metric where they have none of their own."""
        for row in rows:
            source, step, at, epoch, values = row
            if source != "job":
                yield row
                continue
            if EPOCH_KEY in values:
                self._epoch = to_number(values[EPOCH_KEY])
            yield row if epoch is not None or self._epoch is None else (source, step, at, self._epoch, values)

    def _check(self, names: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], tuple[str, ...]]]:
        found = self._checked.get(names)
        if found is None:
            if len(self._checked) >= KEY_SETS_MAX:
                self._checked.clear()
            found = self._checked[names] = list(_split_keys(names))
        return found


def _shape_of(row: Row) -> tuple[str, tuple[Any, ...], bool]:
    return row[0], tuple(row[4]), row[3] is not None


def _split_keys(names: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    good: dict[str, Any] = {}
    for name in names:
        key = check_key(name)
        if key is not None:
            good[key] = name
    keys = list(good)
    for start in range(0, len(keys), KEYS_IN_BLOCK_MAX):
        part = keys[start : start + KEYS_IN_BLOCK_MAX]
        yield tuple(good[key] for key in part), tuple(part)


def _extend(block: Block, rows: list[Row], names: tuple[Any, ...]) -> None:
    _, steps, times, epochs, values = zip(*rows)
    block.steps.extend(steps)
    block.times.extend([at * 1000.0 for at in times])
    if block.epochs is not None:
        block.epochs.extend(epochs)
    for column, name in zip(block.values, names):
        try:
            added = array("d", [row[name] for row in values])
        except (OverflowError, TypeError):  # an int beyond 1e308
            added = array("d", [_or_infinity(row[name]) for row in values])
        column.extend(added)


def _or_infinity(value: Any) -> float:
    number = to_number(value)
    if number is not None:
        return number
    return -math.inf if isinstance(value, int) and value < 0 else math.inf
