"""One warning for each kind of trouble, on the original stderr, never into the captured output, never an exception."""

from __future__ import annotations

import sys
from typing import Any

from ._limits import WARNINGS_MAX

_said: set[str] = set()


def warn_once(kind: str, text: str) -> None:
    """Says `text`, unless trouble of this `kind` was already told in this process."""
    if kind in _said or len(_said) >= WARNINGS_MAX:
        return
    _said.add(kind)
    say(text)


def say(text: str) -> None:
    """Writes one line to the original stderr. A closed or missing stream is ignored."""
    try:
        stream: Any = sys.stderr
        before = "\n" if getattr(stream, "pilothouse_mid_line", False) else ""  # behind a progress bar
        stream = getattr(stream, "pilothouse_original", stream)
        stream.write(f"{before}pilothouse: {text}\n")
        stream.flush()
    except Exception:  # noqa: S110 - nowhere left to tell it
        pass


def forget_warnings() -> None:
    """Lets every warning be said again: a new job begins."""
    _said.clear()
