"""Rows become blocks, and each series keeps its order."""

from __future__ import annotations

import math
import random

from pilothouse._points import Block, Packer, Row


def row(step: float, epoch: float | None = None, /, **values: float) -> Row:
    return ("job", step, step / 1000, epoch, values)


def series(blocks: list[Block], key: str, source: str = "job") -> list[tuple[float, float]]:
    return [
        pair
        for block in blocks
        if block.source == source and key in block.keys
        for pair in zip(block.steps, block.values[block.keys.index(key)])
    ]


def test_rows_with_the_same_keys_share_a_block() -> None:
    (block,) = Packer().pack([row(1, a=1.0, b=2.0), row(2, a=3.0, b=4.0)])
    assert block.header() == {"source": "job", "keys": ("a", "b"), "rows": 2}
    assert [list(column) for column in block.columns()] == [[1, 2], [1, 2], [1, 3], [2, 4]]


def test_rows_with_and_without_an_epoch_do_not_share_a_block() -> None:
    blocks = Packer().pack([row(1, a=1.0), row(2, 0.5, a=2.0)])
    assert [block.epochs is None for block in blocks] == [True, False]


def test_rows_of_unlike_keys_find_back_to_their_block() -> None:
    blocks = Packer().pack([row(step, **({"a": 1.0} if step % 2 else {"b": 1.0})) for step in range(100)])
    assert [block.keys for block in blocks] == [("b",), ("a",)]


def test_each_series_keeps_its_order_of_arrival() -> None:
    chance = random.Random(7)
    rows = [row(step, **{key: step for key in "abcd" if chance.random() < 0.5}) for step in range(500)]
    rows = [part for part in rows if part[4]]
    blocks = Packer().pack(rows)
    for key in "abcd":
        assert series(blocks, key) == [(part[1], part[4][key]) for part in rows if key in part[4]]


def test_steps_that_repeat_or_go_back_are_kept() -> None:
    (block,) = Packer().pack([row(5, a=1.0), row(5, a=2.0), row(1, a=3.0)])
    assert list(block.steps) == [5, 5, 1]


def test_numbers_without_end_are_kept() -> None:
    (block,) = Packer().pack([row(1, a=math.nan), row(2, a=math.inf), row(3, a=-math.inf)])
    assert math.isnan(block.values[0][0])
    assert list(block.values[0][1:]) == [math.inf, -math.inf]


def test_an_int_beyond_all_floats_is_infinite() -> None:
    (block,) = Packer().pack([row(1, a=10**400), row(2, a=-(10**400)), row(3, a=7)])
    assert list(block.values[0]) == [math.inf, -math.inf, 7]


def test_a_bad_key_takes_only_itself_away() -> None:
    (block,) = Packer().pack([("job", 1, 1.0, None, {"": 1.0, "k" * 1025: 2.0, "good": 3.0, "ä\ud800": 4.0})])
    assert block.keys == ("good", "ä?")
    assert [list(column) for column in block.values] == [[3.0], [4.0]]


def test_more_keys_than_a_block_may_have_make_two() -> None:
    blocks = Packer().pack([("job", 1, 1.0, None, {f"k{n}": float(n) for n in range(10_001)})])
    assert [len(block.keys) for block in blocks] == [10_000, 1]
