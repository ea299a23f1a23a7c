"""Assembles numbered reports from what was gathered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, Optional, Sequence

from . import _limits as limits
from ._frame import encode_frame
from ._points import Block, Packer, Row, count_numbers
from ._sample import SampleEvent
from ._text import clean_text, cut_middle, cut_text

Line = tuple[float, str]


@dataclass
class LogPart:
    """Lines of one stream, and the line under way when it changed."""

    stream: str
    lines: list[Line]
    open: Optional[str] = None


@dataclass
class Gathered:
    """All that waits to be told."""

    rows: Sequence[Row] = ()
    logs: list[LogPart] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    job: dict[str, Any] = field(default_factory=dict)
    samples: Sequence[SampleEvent] = ()
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    steering: dict[str, Any] = field(default_factory=dict)
    state: Optional[dict[str, Any]] = None

    def __bool__(self) -> bool:
        events = self.stages or self.samples or self.artifacts or self.alerts or self.steering
        return bool(self.rows or self.logs or self.job or self.state or events)


class Assembler:
    """Numbers the reports of one writer: 1, 2, 3 … `samples_only`: it has no metrics of the job, only figures of its host.

    `watch` sees all points on their way.
    """

    def __init__(
        self, writer: str, *, samples_only: bool = False, watch: Callable[[Sequence[Block]], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._writer = writer
        self._now = now
        self._samples_only = samples_only
        self._watch = watch
        self._number = 0
        self._packer = Packer()

    def assemble(self, gathered: Gathered, attempt: int) -> Iterator[tuple[int, bytes]]:
        """Reports with their numbers, each within the bounds of the wire. The state comes in the last one."""
        parts = list(_split(gathered))
        for part in parts:
            self._number += 1
            blocks = self._packer.pack(part.rows)
            self._watch(blocks)
            header: dict[str, Any] = {
                "attempt": attempt,
                "writer": self._writer,
                "number": self._number,
                "role": "sampler" if self._samples_only and part.state is None else "sdk",
                "sentAt": self._now() * 1000.0,
                "points": [block.header() for block in blocks],
                "logs": [_encode_log(log) for log in part.logs],
                "stages": part.stages,
            }
            if part.samples:
                header["samples"] = [event for event, _ in part.samples]
            if part.artifacts:
                header["artifacts"] = part.artifacts
            if part.alerts:
                header["alerts"] = part.alerts
            if part.steering:
                header["steering"] = part.steering
            if part.job:
                header["job"] = part.job
            if part.state:
                header["state"] = part.state
            yield self._number, encode_frame(header, (column for block in blocks for column in block.columns()))


def describe_error(kind: str, message: str, traceback: Optional[str]) -> dict[str, Any]:
    """An error as the wire takes it."""
    error = {"type": cut_text(kind, limits.NAME_LENGTH_MAX), "message": cut_text(message, limits.MESSAGE_LENGTH_MAX)}
    if traceback:
        error["traceback"] = cut_middle(traceback, limits.TRACEBACK_LENGTH_MAX)
    return error


def _split(gathered: Gathered) -> Iterator[Gathered]:
    rows = list(_split_rows(gathered.rows))
    logs = list(_split_logs(gathered.logs))
    # Large samples travel alone: with all that others may hold the report would not fit.
    samples = list(_split_samples(gathered.samples))
    for alone in samples[:-1]:
        # What was sampled after a rollback belongs to the new branch as well.
        yield Gathered(samples=alone, steering=_take_fork(gathered.steering))
    artifacts = _slice(gathered.artifacts, limits.ARTIFACTS_IN_REPORT_MAX)
    alerts = _slice(gathered.alerts, limits.ALERTS_IN_REPORT_MAX)
    count = max(len(rows), len(logs), len(artifacts), len(alerts), 1)
    for at in range(count):
        part = Gathered(rows[at] if at < len(rows) else (), logs[at] if at < len(logs) else [])
        part.artifacts = artifacts[at] if at < len(artifacts) else []
        part.alerts = alerts[at] if at < len(alerts) else []
        if at == 0:
            part.stages, part.job, part.samples = gathered.stages, gathered.job, samples[-1] if samples else ()
            part.steering = gathered.steering
        if at == count - 1:
            part.state = gathered.state
        yield part


def _take_fork(steering: dict[str, Any]) -> dict[str, Any]:
    return {"fork": steering.pop("fork")} if "fork" in steering else {}


def _split_rows(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start, numbers = 0, 0
    for at, row in enumerate(rows):
        if numbers + count_numbers(row) > limits.REPORT_NUMBERS_MAX and at > start:
            yield rows[start:at]
            start, numbers = at, 0
        numbers += count_numbers(row)
    if start < len(rows):
        yield rows[start:]


def _split_samples(samples: Sequence[SampleEvent]) -> Iterator[Sequence[SampleEvent]]:
    """Parts for reports of their own; the last one, perhaps empty, is small enough to ride with everything else."""
    part: list[SampleEvent] = []
    size = 0
    for sample in samples:
        if part and (size + sample[1] > limits.REPORT_SAMPLES_MAX or len(part) >= limits.SAMPLES_IN_REPORT_MAX):
            yield part
            part, size = [], 0
        part.append(sample)
        size += sample[1]
    yield part
    if size > limits.REPORT_SAMPLES_SMALL:
        yield []


def _slice(events: list[dict[str, Any]], most: int) -> list[list[dict[str, Any]]]:
    return [events[at : at + most] for at in range(0, len(events), most)]


def _split_logs(logs: Sequence[LogPart]) -> Iterator[list[LogPart]]:
    current: list[LogPart] = []
    count = size = 0
    for log in logs:
        part = LogPart(log.stream, [], log.open)
        for line in log.lines:
            if count >= limits.REPORT_LINES_MAX or size > limits.REPORT_TEXT_MAX:
                yield [*current, LogPart(log.stream, part.lines)]
                current, part = [], LogPart(log.stream, [], log.open)
                count = size = 0
            part.lines.append(line)
            count += 1
            size += len(line[1]) + 16
        current.append(part)
    if current:
        yield current


def _encode_log(log: LogPart) -> dict[str, Any]:
    block: dict[str, Any] = {
        "stream": log.stream,
        "times": [round(at * 1000.0, 3) for at, _ in log.lines],
        "lines": [text for _, text in log.lines],
    }
    if log.open:
        block["open"] = clean_text(log.open)
    return block
