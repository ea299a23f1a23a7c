"""The wire, read strictly: a report or a job that departs from the contract in anything is an error that names it."""

from __future__ import annotations

import json
import math
import re
import struct
from typing import Any, Callable

Check = Callable[[Any, str], None]

UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")
JOB_STATES = ("running", "paused", "completed", "failed", "cancelled")
STAGE_STATES = ("pending", "active", "completed", "failed", "skipped")


class WireFault(Exception):
    """Raised with the path of the field that is wrong."""


def read_report(frame: bytes) -> dict[str, Any]:
    """A report in its JSON form, from its binary one. Raises WireFault."""
    if len(frame) > 8 * 1024 * 1024:
        raise WireFault(f"{len(frame)} bytes")
    header, numbers = _split(frame)
    blocks = header.get("points", [])
    _object({"points": _anything}, {"points"})({"points": blocks}, "")
    REPORT({key: value for key, value in header.items() if key != "points"}, "report")
    at = 0
    points = []
    for index, block in enumerate(blocks):
        BLOCK(block, f"points[{index}]")
        columns = []
        for _ in range(2 + bool(block.get("epochs")) + len(block["keys"])):
            columns.append(numbers[at : at + block["rows"]])
            at += block["rows"]
        points.append(_expand(block, columns, f"points[{index}]"))
    if at != len(numbers):
        raise WireFault(f"columns: {len(numbers)} numbers, {at} announced")
    for index, log in enumerate(header.get("logs", [])):
        if len(log["times"]) != len(log["lines"]):
            raise WireFault(f"logs[{index}].times")
    return {**header, "points": points}


def read_row(body: bytes) -> list[bytes]:
    """The frames of a body that holds several. Raises WireFault."""
    frames: list[bytes] = []
    at = 0
    while at < len(body):
        length, zero = struct.unpack_from("<II", body, at)
        end = at + 8 + (length + 7) // 8 * 8
        if zero or end > len(body) or any(body[at + 8 + length : end]):
            raise WireFault(f"frame {len(frames) + 1} of the row is torn")
        frames.append(body[at + 8 : at + 8 + length])
        at = end
    if not frames or len(frames) > 512 or len(body) > 512 * 1024:
        raise WireFault(f"{len(frames)} frames in {len(body)} bytes")
    return frames


def read_create(body: bytes) -> dict[str, Any]:
    """The body that makes a job. Raises WireFault."""
    if len(body) > 1024 * 1024:
        raise WireFault(f"{len(body)} bytes")
    value = json.loads(body, parse_constant=_refuse_constant)
    CREATE(value, "job")
    if len(json.dumps(value.get("config", {}))) > 512 * 1024:
        raise WireFault("job.config is too large")
    return dict(value)


def _split(frame: bytes) -> tuple[dict[str, Any], tuple[float, ...]]:
    if frame[:4] != b"PHF1":
        raise WireFault("magic")
    (length,) = struct.unpack_from("<I", frame, 4)
    header = json.loads(frame[8 : 8 + length].decode("utf-8"), parse_constant=_refuse_constant)
    start = (8 + length + 7) // 8 * 8
    if any(frame[8 + length : start]):
        raise WireFault("padding is not zero")
    body = frame[start:]
    if len(body) % 8:
        raise WireFault("ends inside a number")
    return header, struct.unpack(f"<{len(body) // 8}d", body)


def _expand(block: dict[str, Any], columns: list[tuple[float, ...]], path: str) -> dict[str, Any]:
    steps, times, *rest = columns
    if not all(map(math.isfinite, (*steps, *times))):
        raise WireFault(f"{path}: steps and times must be finite")
    if len(set(block["keys"])) != len(block["keys"]):
        raise WireFault(f"{path}.keys: one stands twice")
    epochs = rest.pop(0) if block.get("epochs") else None
    return {
        "source": block["source"],
        "keys": block["keys"],
        "steps": list(steps),
        "times": list(times),
        "epochs": None if epochs is None else list(epochs),
        "values": [list(column) for column in rest],
    }


def _refuse_constant(word: str) -> None:
    raise WireFault(f"{word} is no JSON")


def _anything(value: Any, path: str) -> None:
    return None


def _text(longest: int, shortest: int = 0) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str) or not shortest <= len(value.encode("utf-16-le")) // 2 <= longest:
            raise WireFault(f"{path}: text of {shortest} to {longest} characters")

    return check


def _number(least: float = -math.inf, whole: bool = False) -> Check:
    def check(value: Any, path: str) -> None:
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= least
        if not good or (whole and value != int(value)):
            raise WireFault(f"{path}: {value!r} is no such number")

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any, path: str) -> None:
        if value not in words:
            raise WireFault(f"{path}: {value!r} is none of {words}")

    return check


def _list(item: Check, longest: int = 1_000_000) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, list) or len(value) > longest:
            raise WireFault(f"{path}: a list of at most {longest}")
        for index, part in enumerate(value):
            item(part, f"{path}[{index}]")

    return check


def _nullable(inner: Check) -> Check:
    return lambda value, path: None if value is None else inner(value, path)


def _record(item: Check) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise WireFault(f"{path}: an object")
        for key, part in value.items():
            item(part, f"{path}.{key}")

    return check


def _object(fields: dict[str, Check], needed: set[str]) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise WireFault(f"{path}: an object")
        if needed - value.keys() or value.keys() - fields.keys():
            raise WireFault(f"{path}: missing {needed - value.keys()}, unknown {value.keys() - fields.keys()}")
        for key, part in value.items():
            fields[key](part, f"{path}.{key}")

    return check


def _key(value: Any, path: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value.encode("utf-8")) <= 1024:
        raise WireFault(f"{path}: a key of 1 to 1024 bytes")


def _line(value: Any, path: str) -> None:
    if not isinstance(value, str) or len(value.encode("utf-8")) > 64 * 1024 or "\n" in value:
        raise WireFault(f"{path}: a line of at most 64 KiB")


def _scalar(longest: int) -> Check:
    def check(value: Any, path: str) -> None:
        if isinstance(value, str):
            _text(longest)(value, path)
        elif value is not None and not isinstance(value, bool):
            _number()(value, path)

    return check


def _boolean(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise WireFault(f"{path}: true or false")


_name = _text(256, 1)
_strings = _record(_text(1_000_000))
_GIT = _object(
    {"commit": _text(64, 1), "branch": _nullable(_text(1000)), "remote": _nullable(_text(4000)), "dirty": _boolean}, {"commit"}
)
_RECIPE = _object(
    {
        "command": _list(_text(1_000_000)),
        "workingDirectory": _text(10_000),
        "environment": _strings,
        "python": _text(1000),
        "packages": _strings,
        "git": _GIT,
    },
    set(),
)
_GPU = _object({"index": _number(0, whole=True), "name": _text(1000), "memoryBytes": _number(0)}, {"index", "name"})
_HARDWARE = _object(
    {
        "host": _name,
        "system": _text(1000),
        "cpus": _number(0),
        "memoryBytes": _number(0),
        "gpus": _list(_GPU),
        "gpuAbsence": _nullable(_text(10_000)),
    },
    {"host"},
)
_METRIC = _object(
    {
        "key": _key,
        "goal": _one_of("minimize", "maximize"),
        "stepMetric": _key,
        "summary": _list(_one_of("min", "max", "mean", "last", "best", "none"), 6),
        "hidden": _boolean,
    },
    {"key"},
)
_PATCH: dict[str, Check] = {
    "name": _name,
    "project": _name,
    "model": _nullable(_name),
    "modelType": _nullable(_name),
    "dataset": _nullable(_name),
    "target": _nullable(_name),
    "tags": _list(_text(128, 1), 64),
    "notes": _nullable(_text(64 * 1024)),
    "config": _record(_anything),
    "recipe": _RECIPE,
    "hardware": _HARDWARE,
    "totalSteps": _nullable(_number(1e-300)),
    "totalEpochs": _nullable(_number(1e-300)),
    "stages": _list(_name, 256),
    "summary": _record(_anything),
    "group": _nullable(_name),
    "jobType": _nullable(_name),
    "metrics": _list(_METRIC, 1_000),
}
_ATTEMPT = _object(
    {
        "number": _number(1, whole=True),
        "claim": _text(512),
        "lasting": _boolean,
        "after": _text(512),
        "host": _text(256),
        "pid": _number(0, whole=True),
    },
    set(),
)
CREATE = _object(
    {
        **_PATCH,
        "kind": _one_of("training", "evaluation", "engine", "other"),
        "createdAt": _number(0),
        "attempt": _ATTEMPT,
        "state": _one_of("queued", "submitting", "pending", "running"),
        "resume": _one_of("allow", "must", "never"),
    },
    set(),
)
BLOCK = _object(
    {"source": _name, "keys": _list(_key, 10_000), "rows": _number(0, whole=True), "epochs": _boolean},
    {"source", "keys", "rows"},
)
_LOG = _object(
    {"stream": _one_of("stdout", "stderr"), "times": _list(_number(0)), "lines": _list(_line, 50_000), "open": _text(64 * 1024)},
    {"stream", "times", "lines"},
)
_STAGE = _object(
    {
        "name": _name,
        "state": _one_of(*STAGE_STATES),
        "at": _number(0),
        "done": _number(0),
        "total": _nullable(_number(0)),
    },
    {"name", "at"},
)
_ERROR = _object({"type": _text(256), "message": _text(64 * 1024), "traceback": _text(512 * 1024)}, {"type", "message"})
_STATE = _object(
    {
        "state": _one_of(*JOB_STATES),
        "at": _number(0),
        "exitCode": _number(whole=True),
        "signal": _text(32),
        "error": _ERROR,
        "rank": _number(0, whole=True),
    },
    {"state", "at"},
)
_COMMON: dict[str, Check] = {
    "kind": _one_of("image", "table", "histogram", "text"),
    "key": _key,
    "step": _number(),
    "epoch": _number(),
    "at": _number(0),
    "index": _number(0, whole=True),
    "caption": _text(1024),
}
_cell = _scalar(256 * 1024)
_BODIES: dict[str, dict[str, Check]] = {
    "image": {"data": _text(5_600_000, 1)},
    "table": {
        "body": _object(
            {
                "columns": _list(_text(256), 1_000),
                "rows": _list(_list(_cell), 10_000),
                "rowsLeftOut": _number(0, whole=True),
            },
            {"columns", "rows"},
        )
    },
    "histogram": {
        "body": _object(
            {"counts": _list(_number(0), 1_024), "edges": _list(_number()), "nonFinite": _number(0, whole=True)},
            {"counts", "edges"},
        )
    },
    "text": {"body": _object({"prompt": _text(256 * 1024), "output": _text(256 * 1024), "fields": _record(_cell)}, {"output"})},
}


def _sample(value: Any, path: str) -> None:
    part = _BODIES[value["kind"]]
    _object({**_COMMON, **part}, {"kind", "key", "step", "at", *part})(value, path)
    body = value.get("body", {})
    if any(len(row) != len(body["columns"]) for row in body.get("rows", [])):
        raise WireFault(f"{path}.body: one cell for each column in each row")
    if "counts" in body and (len(body["edges"]) != len(body["counts"]) + 1 or sorted(body["edges"]) != body["edges"]):
        raise WireFault(f"{path}.body: one edge more than counts, rising")


_SHA = _nullable(_text(64, 64))
_ARTIFACT = _object(
    {
        "name": _name,
        "kind": _one_of("model", "dataset", "checkpoint", "file", "deployment"),
        "direction": _one_of("output", "input"),
        "uri": _text(4096, 1),
        "host": _nullable(_text(256)),
        "at": _number(0),
        "step": _nullable(_number()),
        "bytes": _nullable(_number(0, whole=True)),
        "sha256": _SHA,
        "files": _list(
            _object({"path": _text(4096, 1), "bytes": _number(0, whole=True), "sha256": _SHA}, {"path", "bytes"}), 1_000
        ),
        "filesTotal": _number(0, whole=True),
        "metadata": _record(_anything),
    },
    {"name", "kind", "uri", "at"},
)
_ALERT = _object(
    {
        "title": _name,
        "text": _text(16 * 1024),
        "level": _one_of("info", "warning", "error"),
        "at": _number(0),
        "step": _nullable(_number()),
    },
    {"title", "at"},
)
REPORT = _object(
    {
        "attempt": _number(1, whole=True),
        "writer": _text(64, 1),
        "number": _number(1, whole=True),
        "role": _one_of("sdk", "parser", "exit", "sampler"),
        "sentAt": _number(0),
        "madeAt": _number(0),
        "logs": _list(_LOG),
        "stages": _list(_STAGE),
        "job": _object(_PATCH, set()),
        "samples": _list(_sample, 1_000),
        "artifacts": _list(_ARTIFACT, 100),
        "alerts": _list(_ALERT, 100),
        "state": _STATE,
        # What it holds is tested with the real server, which alone gives orders.
        "steering": _anything,
    },
    {"attempt", "writer", "number", "role", "sentAt"},
)
