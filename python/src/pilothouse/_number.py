"""What counts as a metric's value and key."""

from __future__ import annotations

from typing import Any, Optional

from ._limits import KEY_BYTES_MAX
from ._text import clean_text
from ._warn import warn_once


def to_number(value: Any) -> Optional[float]:
    """Reads a number out of a bool, int, float, Decimal, numpy or torch scalar, or an array of one element.

    It is read now, so that a tensor changed in place later keeps today's value here. For a tensor on a GPU this waits
    until the GPU has computed it (`.item()`). None when the value is no single number.
    """
    if isinstance(value, (str, bytes, bytearray, complex)) or value is None:
        return None
    try:
        if isinstance(value, (int, float)):
            return float(value)
        size = getattr(value, "size", None)
        if callable(size):  # torch: a method, and numel() is the count
            size = value.numel() if hasattr(value, "numel") else None
        if isinstance(size, int) and size != 1:
            return None
        item = getattr(value, "item", None)
        return float(item()) if callable(item) else float(value)
    except Exception:
        return None


def check_key(key: Any) -> Optional[str]:
    """The key as the wire takes it, or None, with one warning, when it takes none like it."""
    text = clean_text(key if isinstance(key, str) else str(key))
    if text and len(text.encode("utf-8")) <= KEY_BYTES_MAX:
        return text
    warn_once(f"key:{text[:64]}", f"log(): a key has 1 to {KEY_BYTES_MAX} bytes; «{text[:64]}» is left out.")
    return None
