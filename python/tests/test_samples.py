"""Images, tables, histograms and texts: what is taken, and what is left out with words."""

from __future__ import annotations

import base64
import importlib
import math
import struct
import zlib
from typing import Any

import numpy
import pytest
from check_server import CheckServer, rows_of

import pilothouse
from pilothouse import Histogram, Image, Table, Text, _limits


def samples_of(server: CheckServer) -> list[dict[str, Any]]:
    return [sample for report in server.reports for sample in report.get("samples", [])]


def log_one(server: CheckServer, value: Any) -> list[dict[str, Any]]:
    with pilothouse.init() as job:
        job.log({"it": value}, step=3)
    return samples_of(server)


def read_png(data: str) -> tuple[int, int, int, bytes]:
    """Width, height, colour type, and the samples of a PNG as this package writes them."""
    content = base64.b64decode(data)
    width, height, depth, colour = struct.unpack(">IIBB", content[16:26])
    assert (content[:8], depth) == (b"\x89PNG\r\n\x1a\n", 8)
    at = content.index(b"IDAT")
    (size,) = struct.unpack(">I", content[at - 4 : at])
    rows = zlib.decompress(content[at + 4 : at + 4 + size])
    stride = len(rows) // height
    return width, height, colour, b"".join(rows[n * stride + 1 : (n + 1) * stride] for n in range(height))


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ([[0, 255], [300, -1]], (2, 2, 0, bytes([0, 255, 255, 0]))),
        ([[0.0, 0.5, 1.0]], (3, 1, 0, bytes([0, 128, 255]))),
        ([[math.nan, math.inf], [-math.inf, 1.0]], (2, 2, 0, bytes([0, 0, 0, 255]))),
        ([[[1, 2, 3]]], (1, 1, 2, bytes([1, 2, 3]))),
        (numpy.array([[0, 255]], dtype=numpy.uint8), (2, 1, 0, bytes([0, 255]))),
        (numpy.full((3, 1, 2), 7, dtype=numpy.int64), (2, 1, 2, bytes([7] * 6))),
        (numpy.array([[True, False]]), (2, 1, 0, bytes([255, 0]))),
        (numpy.array([[numpy.nan, 1.0]], dtype=numpy.float32), (2, 1, 0, bytes([0, 255]))),
        (numpy.array([[-1.0, 0.0, 1.0]]), (3, 1, 0, bytes([0, 128, 255]))),
        (numpy.array([[10.0, 20.0]]), (2, 1, 0, bytes([0, 255]))),
    ],
)
def test_an_image_becomes_a_png(connected: CheckServer, data: Any, wanted: tuple[int, int, int, bytes]) -> None:
    (sample,) = log_one(connected, Image(data, caption="c"))
    assert (sample["key"], sample["step"], sample["kind"], sample["caption"]) == ("it", 3, "image", "c")
    assert read_png(sample["data"]) == wanted


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (numpy.zeros((2, 2, 2, 2)), "2 × 2 × 2 × 2; height × width"),
        (numpy.zeros((0, 4)), "no pixels"),
        (numpy.zeros((5_000, 4_000), dtype=numpy.uint8), "20000000|4000 × 5000 pixels, at most 16000000"),
        (numpy.array([["a"]]), "is no image; numbers were expected"),
        ([[1, 2], [3]], "no rectangle of numbers"),
        ([[1, "x"]], "something that is no number"),
        ([], "no rectangle"),
        (object(), "object is no image"),
        (b"<svg onload='alert(1)'/>", "no PNG, JPEG, GIF or WebP file"),
        ("/nowhere/there.png", "cannot be read"),
        (None, "NoneType is no image"),
    ],
)
def test_what_is_no_image_is_left_out_in_words(
    connected: CheckServer, capfd: pytest.CaptureFixture[str], data: Any, words: str
) -> None:
    with pilothouse.init() as job:
        job.log({"it": Image(data), "loss": 1.0}, step=3)
    assert samples_of(connected) == []
    assert rows_of(connected.reports, "loss") == [(3, 1.0)]
    said = capfd.readouterr().err
    assert any(word in said for word in words.split("|"))


def test_an_image_too_large_as_a_file_is_left_out(connected: CheckServer, capfd: pytest.CaptureFixture[str]) -> None:
    noise = numpy.random.default_rng(1).integers(0, 256, (1_200, 1_200, 4), dtype=numpy.uint8)
    assert log_one(connected, Image(noise)) == []
    assert f"{_limits.SAMPLE_BYTES_MAX} are possible; left out" in capfd.readouterr().err


def test_a_table_takes_cells_of_any_kind(connected: CheckServer) -> None:
    cells = ["text\x1b[31m<b>", 1, 2.5, True, None, math.nan, -math.inf, numpy.float32(0.5), {"a": {1, 2}}, object, 2**60]
    table = Table(columns=["n", "cell"], data=[[at, cell] for at, cell in enumerate(cells)])
    table.add_data(len(cells), "last")
    (sample,) = log_one(connected, table)
    given = [row[1] for row in sample["body"]["rows"]]
    assert given[:8] == ["text\x1b[31m<b>", 1, 2.5, True, None, "NaN", "-Infinity", 0.5]
    assert given[10:] == [str(2**60), "last"]


def test_a_table_from_a_dataframe(connected: CheckServer) -> None:
    pandas: Any = importlib.import_module("pandas")
    frame = pandas.DataFrame({"x": [1, 2], "y": ["a", None]})
    with pilothouse.init() as job:
        job.log({"frame": frame, "table": Table(dataframe=frame)})
    first, second = samples_of(connected)
    assert first["body"] == second["body"]
    assert first["body"]["columns"] == ["x", "y"]
    assert [row[0] for row in first["body"]["rows"]] == [1, 2]


def test_a_table_too_wide_or_uneven_is_left_out_in_words(connected: CheckServer, capfd: pytest.CaptureFixture[str]) -> None:
    assert log_one(connected, Table(columns=range(10_000), data=[range(10_000)])) == []
    assert "Table: 10000 columns, 1 to 1000 are possible; left out." in capfd.readouterr().err
    (sample,) = log_one(connected, Table(columns=["a", "b"], data=[[1, 2], [3], [4, 5, 6]]))
    assert sample["body"] == {"columns": ["a", "b"], "rows": [[1, 2]], "rowsLeftOut": 2}


def test_a_table_keeps_as_many_rows_as_fit(connected: CheckServer, capfd: pytest.CaptureFixture[str]) -> None:
    (sample,) = log_one(connected, Table(columns=["a"], data=[["x" * 16_000]] * 500))
    rows, left_out = len(sample["body"]["rows"]), sample["body"]["rowsLeftOut"]
    assert rows + left_out == 500
    assert 200 < rows < 263
    assert f"{left_out} rows are left out" in capfd.readouterr().err
    many = Table(columns=["a"], data=[[1]] * 10_050)
    assert len(many.data) == 10_000


def test_histograms_count_values_and_take_known_counts(connected: CheckServer) -> None:
    with pilothouse.init() as job:
        values = numpy.array([[0.0, 1.0], [1.0, numpy.nan]])
        job.log({"a": Histogram(values, bins=2), "b": Histogram([0, 1, 1, math.nan], num_bins=2)}, step=1)
        job.log({"c": Histogram(np_histogram=numpy.histogram([1, 2, 3], bins=3)), "d": Histogram(((1, 2), (0, 1, 2)))}, step=1)
        job.log({"e": Histogram([5.0, 5.0], bins=1)}, step=1)
    a, b, c, d, e = (sample["body"] for sample in samples_of(connected))
    assert a == b == {"counts": [1, 2], "edges": [0.0, 0.5, 1.0], "nonFinite": 1}
    assert c["counts"] == [1, 1, 1]
    assert d == {"counts": [1, 2], "edges": [0, 1, 2]}
    assert e == {"counts": [2], "edges": [4.5, 5.5]}


@pytest.mark.parametrize(
    "value", [[], [math.nan], None, "text", ((1, 2), (0, 1)), ((1,), (1, 0)), ((-1,), (0, 1)), [1e308, -1e308]]
)
def test_what_cannot_be_counted_is_left_out(connected: CheckServer, capfd: pytest.CaptureFixture[str], value: Any) -> None:
    found = log_one(connected, Histogram(value))
    if value in (((1, 2), (0, 1)),):
        assert "one edge more than counts" in capfd.readouterr().err
    assert found == [] or found[0]["body"]["counts"]


def test_texts_alone_and_in_lists(connected: CheckServer) -> None:
    long = "ä\ud800" * 200_000
    with pilothouse.init() as job:
        job.log({"one": Text("out"), "many": [Text(prompt="p", output="o", score=0.5), Text(output=long)]}, step=7, epoch=0.5)
    one, first, second = samples_of(connected)
    assert one["body"] == {"output": "out"}
    assert one["epoch"] == 0.5
    assert first["body"] == {"prompt": "p", "output": "o", "fields": {"score": 0.5}}
    assert (second["index"], second["body"]["output"][-1], len(second["body"]["output"])) == (1, "…", _limits.SAMPLE_TEXT_MAX)


def test_a_key_may_be_a_metric_and_a_sample(connected: CheckServer) -> None:
    with pilothouse.init() as job:
        job.log({"x": 1.0})
        job.log({"x": Text("t"), "nested": {"y": Text("u")}})
    assert rows_of(connected.reports, "x") == [(1, 1.0)]
    assert [(sample["key"], sample["step"]) for sample in samples_of(connected)] == [("x", 2), ("nested/y", 2)]


def test_large_samples_travel_in_reports_of_their_own(connected: CheckServer) -> None:
    noise = numpy.random.default_rng(1).integers(0, 256, (900, 1_000, 4), dtype=numpy.uint8)
    with pilothouse.init() as job:
        job.log({f"noise{n}": Image(noise) for n in range(3)}, step=1)
        job.log({"loss": 1.0}, step=1)
    assert len(samples_of(connected)) == 3
    assert max(len(frame) for frame in connected.frames) < 8 * 1024 * 1024
    assert all(not report["points"] for report in connected.reports if report.get("samples"))
