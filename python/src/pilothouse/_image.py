"""Images as a script has them become PNG files, with nothing but the standard library."""

from __future__ import annotations

import io
import math
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

from ._limits import IMAGE_PIXELS_MAX

#: Width, height, channels (1, 2, 3 or 4) and the samples, row after row, one byte each.
Pixels = Tuple[int, int, int, bytes]
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
# A time far below what the training takes, for most of what a stronger setting would save.
_ZLIB_LEVEL = 4


class ImageFault(ValueError):
    """Raised with words when something cannot be made an image."""


def encode_image(data: Any) -> bytes:
    """A PNG, JPEG, GIF or WebP file from: such a file (path or bytes), a PIL image, a matplotlib figure, an array or nested
    lists of height × width, height × width × channels, or channels × height × width (channels 1, 3 or 4).

    Integers are 0 … 255. Floats are 0 … 1, or -1 … 1, or stretched from their smallest to their largest where they go
    beyond; NaN is black. Raises ImageFault.
    """
    if isinstance(data, (bytes, bytearray)):
        return _check_file(bytes(data), "the bytes")
    if isinstance(data, (str, Path)):
        try:
            return _check_file(Path(data).read_bytes(), str(data))
        except OSError as error:
            raise ImageFault(f"{data} cannot be read ({error.strerror or error})") from error
    saved = _save_foreign(data)
    return saved if saved is not None else write_png(read_pixels(data))


def write_png(pixels: Pixels) -> bytes:
    """A PNG file of 8 bits a channel."""
    width, height, channels, samples = pixels
    stride = width * channels
    rows = b"".join(b"\0" + samples[at : at + stride] for at in range(0, stride * height, stride))
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    return b"".join((_MAGIC[0], _chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows, _ZLIB_LEVEL)), _chunk(b"IEND", b"")))


def read_pixels(data: Any) -> Pixels:
    """The samples of an array, a tensor or nested lists. Raises ImageFault."""
    array = _as_array(data)
    shape = _order_of(tuple(int(size) for size in array.shape)) if array is not None else None
    if array is None or shape is None:
        return _read_lists(_as_lists(data))
    (height, width, channels), channels_first = shape
    _check_size(width, height)
    if channels_first:
        array = array.transpose(1, 2, 0)
    return width, height, channels, _bytes_of(array)


def _save_foreign(data: Any) -> Optional[bytes]:
    """A PIL image or a matplotlib figure, saved by its own means; None for anything else."""
    module = type(data).__module__.partition(".")[0]
    buffer = io.BytesIO()
    try:
        if module == "PIL" or hasattr(data, "getbands"):
            _check_size(*data.size)
            (data if data.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else data.convert("RGB")).save(buffer, format="PNG")
            return buffer.getvalue()
        figure = data if hasattr(data, "savefig") else getattr(data, "figure", None)
        if hasattr(figure, "savefig"):
            figure.savefig(buffer, format="png")  # type: ignore[union-attr]  # just asked
            return buffer.getvalue()
        if hasattr(data, "gcf"):  # matplotlib.pyplot itself
            data.gcf().savefig(buffer, format="png")
            return buffer.getvalue()
    except ImageFault:
        raise
    except Exception as error:
        raise ImageFault(f"{type(data).__name__} could not be saved as PNG ({error})") from error
    return None


def _check_file(content: bytes, name: str) -> bytes:
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if webp or content.startswith(_MAGIC):
        return content
    raise ImageFault(f"{name}: no PNG, JPEG, GIF or WebP file")


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageFault("the image has no pixels")
    if width * height > IMAGE_PIXELS_MAX:
        raise ImageFault(f"{width} × {height} pixels, at most {IMAGE_PIXELS_MAX} are possible; make it smaller first")


def _as_array(data: Any) -> Any:
    """The data as a numpy array, where numpy is loaded and it is one or can become one."""
    numpy = sys.modules.get("numpy")
    if numpy is None or isinstance(data, (list, tuple)):
        return None
    for name in ("detach", "cpu"):  # torch
        data = getattr(data, name)() if hasattr(data, name) else data
    if type(data).__name__ == "Tensor" and str(getattr(data, "dtype", "")) == "torch.bfloat16":
        data = data.float()
    if not hasattr(data, "shape"):
        return None
    try:
        array = numpy.asarray(data)
    except Exception as error:
        raise ImageFault(f"{type(data).__name__} is no array ({error})") from error
    if array.dtype.kind not in "buif":
        raise ImageFault(f"an array of {array.dtype} is no image; numbers were expected")
    return array


def _order_of(shape: tuple[int, ...]) -> Tuple[Tuple[int, int, int], bool]:
    """Height, width and channels, and whether the channels come first."""
    if len(shape) == 2:
        return (shape[0], shape[1], 1), False
    if len(shape) == 3 and shape[2] in (1, 3, 4):
        return (shape[0], shape[1], shape[2]), False
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return (shape[1], shape[2], shape[0]), True
    raise ImageFault(f"an array of {' × '.join(map(str, shape)) or 'no dimensions'}; height × width (× 1, 3 or 4) was expected")


def _bytes_of(array: Any) -> bytes:
    numpy = sys.modules["numpy"]
    if array.dtype.kind == "b":
        array = array * 255
    elif array.dtype.kind == "f":
        finite = numpy.nan_to_num(array.astype("float64"), nan=0.0, posinf=1.0, neginf=0.0)
        low, high = float(finite.min()), float(finite.max())
        least, most = range_of(low, high)
        array = (finite - least) * (255.0 / (most - least)) + 0.5
    return bytes(numpy.ascontiguousarray(array.clip(0, 255).astype("uint8")).tobytes())


def range_of(low: float, high: float) -> Tuple[float, float]:
    """Which values are black and white, for floats from `low` to `high`."""
    if low >= 0.0 and high <= 1.0:
        return 0.0, 1.0
    if low >= -1.0 and high <= 1.0:
        return -1.0, 1.0
    return (low, high) if high > low else (low, low + 1.0)


def _as_lists(data: Any) -> Any:
    listed = getattr(data, "tolist", None)
    value = listed() if callable(listed) else data
    if not isinstance(value, (list, tuple)):
        raise ImageFault(f"{type(data).__name__} is no image; an array, a PIL image, a figure or a path was expected")
    return value


def _read_lists(rows: Sequence[Any]) -> Pixels:
    try:
        height, width = len(rows), len(rows[0])
        channels = len(rows[0][0]) if isinstance(rows[0][0], (list, tuple)) else 1
        _check_size(width, height)
        flat = [sample for row in rows for cell in row for sample in (cell if channels > 1 else (cell,))]
    except (TypeError, IndexError) as error:
        raise ImageFault("the rows are no rectangle of numbers") from error
    if channels not in _COLOUR_TYPES or len(flat) != width * height * channels:
        raise ImageFault("the rows are no rectangle of numbers")
    return width, height, channels, _bytes_of_numbers(flat)


def _bytes_of_numbers(flat: Sequence[Any]) -> bytes:
    try:
        if all(isinstance(sample, int) for sample in flat):
            return bytes(min(255, max(0, int(sample))) for sample in flat)
        numbers = [float(sample) if math.isfinite(float(sample)) else 0.0 for sample in flat]
    except (TypeError, ValueError) as error:
        raise ImageFault("the rows hold something that is no number") from error
    least, most = range_of(min(numbers), max(numbers))
    return bytes(min(255, max(0, int((sample - least) * (255.0 / (most - least)) + 0.5))) for sample in numbers)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
