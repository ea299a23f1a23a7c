"""What can be logged beside numbers: images, tables, histograms and texts, browsed by step later.

Each is read when it is made, so what changes afterwards keeps its value of then. Making one never raises into the script:
what cannot be taken is told once and logs nothing.
"""

from __future__ import annotations

import base64
import json
import math
from abc import ABC, abstractmethod
from typing import Any, Iterable, Mapping, Optional, Sequence, Tuple

from . import _limits as limits
from ._config import to_json
from ._histogram import count_values, read_histogram
from ._image import ImageFault, encode_image
from ._number import to_number
from ._text import clean_text, cut_text
from ._warn import warn_once


class Sample(ABC):
    """Base of everything that `log()` takes beside numbers."""

    kind = ""

    def __init__(self, caption: Optional[str] = None) -> None:
        self.caption = None if caption is None else cut_text(str(caption), limits.CAPTION_LENGTH_MAX)

    @abstractmethod
    def payload(self) -> Optional[dict[str, Any]]:
        """Its fields on the wire; None when there is nothing to send."""


class Image(Sample):
    """An image: `Image(array)`, `Image("plot.png")`, `Image(figure)`, `Image(pil_image, caption="step 3")`.

    data: an array, tensor or nested lists (height × width, × 1, 3 or 4 channels, in front or behind; integers 0 … 255,
        floats 0 … 1 or stretched), a PIL image, a matplotlib figure or axes, a path, or the bytes of a PNG, JPEG, GIF or
        WebP file.
    caption: shown below it.

    At most 4 MiB as a file and 16 million pixels; a larger one is left out with a warning.
    """

    kind = "image"

    def __init__(self, data: Any, caption: Optional[str] = None, **other: Any) -> None:
        super().__init__(caption)
        self._content: Optional[str] = None
        if any(value is not None for value in other.values()):
            warn_once("image-options", f"Image(): {', '.join(other)} have no meaning here and are left out.")
        try:
            content = encode_image(data)
        except ImageFault as error:
            warn_once(f"image:{error}", f"Image(): {error}; left out.")
            return
        except Exception as error:
            warn_once("image", f"Image(): {type(error).__name__}: {error}; left out.")
            return
        if len(content) > limits.SAMPLE_BYTES_MAX:
            warn_once("image-size", f"Image(): {len(content)} bytes, {limits.SAMPLE_BYTES_MAX} are possible; left out.")
            return
        self._content = base64.b64encode(content).decode("ascii")

    def payload(self) -> Optional[dict[str, Any]]:
        return None if self._content is None else {"data": self._content}


class Table(Sample):
    """Rows under columns: `Table(columns=["input", "guess"], data=[["2+2", 4]])`, or a pandas DataFrame.

    Cells are texts, numbers, booleans or None; anything else becomes its text. At most 1,000 columns and 10,000 rows or
    4 MiB: rows beyond that are left out (it is said, here and where the table is shown), a wider table as a whole.
    """

    kind = "table"

    def __init__(
        self,
        columns: Optional[Sequence[Any]] = None,
        data: Any = None,
        *,
        rows: Any = None,
        dataframe: Any = None,
        caption: Optional[str] = None,
    ) -> None:
        super().__init__(caption)
        given = next((value for value in (data, rows, dataframe) if value is not None), None)
        names, cells = _read_frame(given)
        if columns is not None:
            names = list(columns)
        if not names and cells:
            names = [f"column {at + 1}" for at in range(len(cells[0]))]
        #: Names of the columns.
        self.columns = [cut_text(str(name), limits.NAME_LENGTH_MAX) for name in names]
        #: The rows, each with one cell for each column.
        self.data: list[list[Any]] = []
        self._left_out = 0
        for row in cells:
            self.add_data(*row)

    def add_data(self, *cells: Any) -> None:
        """Adds a row. One of another length is left out with a warning."""
        if len(cells) != len(self.columns):
            warn_once("table-row", f"Table: a row of {len(cells)} cells under {len(self.columns)} columns; left out.")
            self._left_out += 1
        elif len(self.data) >= limits.TABLE_ROWS_MAX:
            warn_once("table-rows", f"Table: more than {limits.TABLE_ROWS_MAX} rows; what is beyond is left out.")
            self._left_out += 1
        else:
            self.data.append([_to_cell(cell) for cell in cells])

    def payload(self) -> Optional[dict[str, Any]]:
        if not 1 <= len(self.columns) <= limits.TABLE_COLUMNS_MAX:
            count = len(self.columns)
            warn_once("table-columns", f"Table: {count} columns, 1 to {limits.TABLE_COLUMNS_MAX} are possible; left out.")
            return None
        rows = _fit_rows(self.data)
        left_out = self._left_out + len(self.data) - len(rows)
        body = {"columns": self.columns, "rows": rows}
        return {"body": {**body, "rowsLeftOut": left_out} if left_out else body}


class Histogram(Sample):
    """How values are spread: `Histogram(values)`, `Histogram(values, bins=32)`, `Histogram((counts, edges))`.

    values: numbers, an array or a tensor of any shape; NaN and infinities are counted apart.
    np_histogram: counts and edges as `numpy.histogram` gives them (one edge more than counts).
    """

    kind = "histogram"

    def __init__(
        self,
        values: Any = None,
        np_histogram: Any = None,
        num_bins: Optional[int] = None,
        *,
        bins: Optional[int] = None,
        caption: Optional[str] = None,
    ) -> None:
        super().__init__(caption)
        self._body: Optional[dict[str, Any]] = None
        count = min(max(int(bins or num_bins or 64), 1), limits.HISTOGRAM_BINS_MAX)
        try:
            known = read_histogram(np_histogram if np_histogram is not None else values, np_histogram is not None)
            self._body = known or count_values(values, count)
        except Exception as error:
            warn_once("histogram", f"Histogram(): {error}; left out.")

    def payload(self) -> Optional[dict[str, Any]]:
        return None if self._body is None else {"body": self._body}


class Text(Sample):
    """A generation: `Text("the output")`, `Text(prompt=…, output=…, score=0.7, reference=…)`.

    prompt, output: at most 256 Ki characters each, longer ones are cut.
    Any other keyword becomes a field beside them: text, number, boolean or None.
    """

    kind = "text"

    def __init__(self, output: Any = "", *, prompt: Any = None, caption: Optional[str] = None, **fields: Any) -> None:
        super().__init__(caption)
        self._body: dict[str, Any] = {"output": _to_text(output)}
        if prompt is not None:
            self._body["prompt"] = _to_text(prompt)
        if fields:
            self._body["fields"] = {cut_text(name, limits.NAME_LENGTH_MAX): _to_cell(value) for name, value in fields.items()}

    def payload(self) -> Optional[dict[str, Any]]:
        return {"body": self._body}


#: One sample on the wire with its rough size in bytes.
SampleEvent = Tuple[dict[str, Any], int]


def list_samples(key: str, value: Any) -> Optional[list[Sample]]:
    """The samples that a value of `log()` means; None when it is none."""
    if isinstance(value, Sample):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, Sample) for item in value):
        if len(value) > limits.SAMPLES_IN_LIST_MAX:
            warn_once(
                f"samples:{key}", f"log(): «{key}» has {len(value)} samples, the first {limits.SAMPLES_IN_LIST_MAX} are kept."
            )
        return list(value[: limits.SAMPLES_IN_LIST_MAX])
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if module == "matplotlib" or (module == "PIL" and hasattr(value, "getbands")):
        return [Image(value)]
    if module == "pandas" and kind.__name__ == "DataFrame":
        return [Table(dataframe=value)]
    return None


def describe_samples(
    key: str, samples: Iterable[Sample], *, step: float, at_s: float, epoch: Optional[float]
) -> Iterable[SampleEvent]:
    """Samples of one key at one step, as the wire takes them. `at_s`: seconds since 1970."""
    for index, sample in enumerate(samples):
        payload = sample.payload()
        if payload is None:
            continue
        event: dict[str, Any] = {"kind": sample.kind, "key": key, "step": step, "at": at_s * 1000.0, "index": index, **payload}
        if epoch is not None and math.isfinite(epoch):
            event["epoch"] = epoch
        if sample.caption is not None:
            event["caption"] = sample.caption
        size = len(payload["data"]) if "data" in payload else _json_size(payload["body"])
        if size > limits.SAMPLE_WIRE_BYTES_MAX:
            warn_once(
                f"sample-size:{key}", f"log(): «{key}» has {size} bytes, {limits.SAMPLE_WIRE_BYTES_MAX} are possible; left out."
            )
            continue
        yield event, size + 256


def _read_frame(value: Any) -> Tuple[list[Any], list[Sequence[Any]]]:
    """Columns and rows of a DataFrame, or of nested lists (whose columns are not known)."""
    if value is None:
        return [], []
    if hasattr(value, "columns") and hasattr(value, "itertuples"):
        return list(value.columns), [tuple(row) for row in value.head(limits.TABLE_ROWS_MAX + 1).itertuples(index=False)]
    listed = getattr(value, "tolist", None)
    rows = listed() if callable(listed) else value
    if isinstance(rows, Mapping) or not isinstance(rows, Iterable) or isinstance(rows, (str, bytes)):
        warn_once("table-data", f"Table(): the data is {type(value).__name__}, a list of rows was expected; left out.")
        return [], []
    return [], [row if isinstance(row, (list, tuple)) else (row,) for row in rows]


def _to_cell(value: Any) -> Any:
    """Texts, finite numbers, booleans and None stay; NaN and infinities become words, anything else its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return cut_text(value, limits.CELL_LENGTH_MAX)
    number = to_number(value)
    if number is None:
        return cut_text(str(to_json(value)), limits.CELL_LENGTH_MAX)
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _to_text(value: Any) -> str:
    return cut_text(value if isinstance(value, str) else str(value), limits.SAMPLE_TEXT_MAX)


def _fit_rows(rows: list[list[Any]]) -> list[list[Any]]:
    """As many of the first rows as fit into a sample."""
    room = limits.SAMPLE_BYTES_MAX - 512 * 1024
    if sum(len(row) for row in rows) < 10_000 and _json_size(rows) <= room:
        return rows
    for at, row in enumerate(rows):
        room -= _json_size(row) + 1
        if room < 0:
            warn_once("table-size", f"Table: more than {limits.SAMPLE_BYTES_MAX} bytes; {len(rows) - at} rows are left out.")
            return rows[:at]
    return rows


def _json_size(value: Any) -> int:
    return len(clean_text(json.dumps(value, ensure_ascii=False)).encode("utf-8"))
