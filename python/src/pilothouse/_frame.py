"""The binary frame: a JSON header and, behind it, columns of 64-bit floats.

offset  size  what
     0     4  magic, the ASCII bytes ``PHF1``
     4     4  length of the header in bytes, unsigned, little-endian
     8     n  header, JSON in UTF-8
 8 + n   0-7  zero bytes up to the next multiple of eight
     …  8·m  the columns one after another, IEEE 754 binary64, little-endian
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from typing import Any, Iterable

CONTENT_TYPE = "application/x-pilothouse-frame"
#: Of several frames in one body.
ROW_CONTENT_TYPE = "application/x-pilothouse-frames"
_MAGIC = b"PHF1"
_PREFIX = struct.Struct("<4sI")
_ROW_PREFIX = struct.Struct("<II")


def encode_frame(header: dict[str, Any], columns: Iterable[array[float]]) -> bytes:
    """Puts a header (any JSON object with finite numbers) and its columns (arrays of type ``d``) into one frame."""
    return _join(header, b"".join(map(_little_endian, columns)))


def split_frame(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """Takes a frame apart into its header and the bytes of its columns. Raises ValueError when it is torn."""
    if len(frame) < _PREFIX.size:
        raise ValueError("the frame ends inside its prefix")
    magic, length = _PREFIX.unpack_from(frame)
    end = _PREFIX.size + length
    if magic != _MAGIC or end > len(frame):
        raise ValueError("this is no whole frame")
    header = json.loads(frame[_PREFIX.size : end])
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    return header, frame[_aligned(end) :]


def stamp_frame(frame: bytes, attempt: int, now_ms: float) -> bytes:
    """The frame of a report that waited, as it is to be sent now: `sentAt` is the reporter's clock at sending, `madeAt`
    keeps what it was when the report was made. The columns stay byte for byte. Raises ValueError when it is torn."""
    header, body = split_frame(frame)
    made_at = header.get("madeAt", header.get("sentAt", now_ms))
    return _join({**header, "attempt": attempt, "sentAt": now_ms, "madeAt": made_at}, body)


def join_frames(frames: Iterable[bytes]) -> bytes:
    """Puts frames into one body: each behind its length (32 bits) and four zero bytes, filled up to a multiple of eight."""
    parts: list[bytes] = []
    for frame in frames:
        parts += (_ROW_PREFIX.pack(len(frame), 0), frame, bytes(_aligned(len(frame)) - len(frame)))
    return b"".join(parts)


def measure_in_row(frame: bytes) -> int:
    """How many bytes a frame takes in such a body."""
    return _ROW_PREFIX.size + _aligned(len(frame))


def _join(header: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")
    end = _PREFIX.size + len(text)
    return b"".join((_PREFIX.pack(_MAGIC, len(text)), text, bytes(_aligned(end) - end), body))


def _little_endian(column: array[float]) -> bytes:
    if sys.byteorder == "big":
        column = array("d", column)
        column.byteswap()
    return column.tobytes()


def _aligned(offset: int) -> int:
    return (offset + 7) & ~7
