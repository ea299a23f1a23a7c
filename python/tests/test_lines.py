"""Written text becomes lines."""

from __future__ import annotations

import pytest

from pilothouse._lines import LineAssembler


def feed(*parts: str) -> tuple[list[str], str]:
    lines = LineAssembler()
    ended = [text for at, part in enumerate(parts) for _, text in lines.feed(at, part)]
    return ended, lines.open


@pytest.mark.parametrize(
    ("parts", "lines", "opened"),
    [
        (("a\nb\n",), ["a", "b"], ""),
        (("a", "b", "\n"), ["ab"], ""),
        (("\n\n",), ["", ""], ""),
        (("a\r\nb\r\n",), ["a", "b"], ""),
        (("10%\r20%\r30%",), [], "30%"),
        (("\r10%", "\r20%", "\n"), ["20%"], ""),
        (("10%\r",), [], "10%"),
        (("10%\r", "20%\r", "done\n"), ["done"], ""),
        (("a\r", "\n"), ["a"], ""),
        (("x\r\r\ny",), ["x"], "y"),
        (("no end",), [], "no end"),
    ],
)
def test_text_becomes_lines(parts: tuple[str, ...], lines: list[str], opened: str) -> None:
    assert feed(*parts) == (lines, opened)


def test_a_line_has_the_time_of_its_end() -> None:
    lines = LineAssembler()
    assert lines.feed(1.0, "a") == []
    assert lines.feed(2.0, "b\nc") == [(2.0, "ab")]
    assert lines.close() == [(2.0, "c")]
    assert lines.close() == []


def test_a_line_without_end_stays_bounded_and_says_what_is_missing() -> None:
    lines = LineAssembler()
    for _ in range(300):
        lines.feed(0.0, "ä" * 1000)
    ((_, text),) = lines.feed(1.0, "\n")
    assert len(text.encode()) <= 64 * 1024
    assert text.endswith("bytes left out)")


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert feed("a\udc80b\n") == (["a?b"], "")
