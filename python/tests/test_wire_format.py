"""What leaves the SDK is what the contract reads: asked of the contract itself, in Node."""

from __future__ import annotations

import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from check_server import CheckServer
from wire import WireFault, read_report

import pilothouse
from pilothouse import _limits
from pilothouse._frame import encode_frame, split_frame, stamp_frame
from pilothouse._report import Assembler, Gathered, LogPart

ROOT = Path(__file__).parents[2]
DECODE = """
import { readFileSync } from 'node:fs'
import { decodeReportFrame, limits } from '%s'
const report = decodeReportFrame(readFileSync(0))
const plain = (_, value) =>
  ArrayBuffer.isView(value) ? [...value] : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
console.log(JSON.stringify({ report, limits }, plain))
"""


def decode_with_contract(frame: bytes) -> Any:
    code = DECODE % (ROOT / "packages/contract/src/index.ts").as_uri()
    node = ROOT / "node_modules/.bin/node"
    command = [str(node) if node.exists() else "node", "--no-warnings", "--input-type=module", "-e", code]
    done = subprocess.run(command, input=frame, capture_output=True, check=False, cwd=ROOT, env=os.environ)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_the_contract_reads_a_full_report() -> None:
    gathered = Gathered(
        rows=[
            ("job", 1, 1.5, 0.5, {"loss": math.nan, "größe": math.inf}),
            ("job", 2, 2.5, 0.5, {"loss": 0.25, "größe": -math.inf}),
            ("host:a", 2, 3.0, None, {"cpu.utilization": 12.0}),
        ],
        logs=[LogPart("stdout", [(1.0, "ä\x1b[1m"), (2.0, "")], "50 %"), LogPart("stderr", [], "")],
        stages=[{"name": "Training", "state": "active", "at": 1.0, "done": 0, "total": 5}],
        job={"name": "n", "tags": ["x"], "summary": {"best": 1}},
        state={"state": "failed", "at": 5.0, "exitCode": 1, "error": {"type": "ValueError", "message": "m", "traceback": "t"}},
    )
    ((number, frame),) = Assembler("writer").assemble(gathered, 3)
    report = decode_with_contract(frame)["report"]
    assert (number, report["attempt"], report["writer"], report["role"]) == (1, 3, "writer", "sdk")
    job, host = report["points"]
    assert job["keys"] == ["loss", "größe"]
    assert job["steps"] == [1, 2]
    assert job["times"] == [1500, 2500]
    assert job["epochs"] == [0.5, 0.5]
    assert job["values"] == [["NaN", 0.25], ["Infinity", "-Infinity"]]
    assert host["source"] == "host:a"
    assert report["logs"][0] == {"stream": "stdout", "times": [1000, 2000], "lines": ["ä\x1b[1m", ""], "open": "50 %"}
    assert report["state"]["error"]["type"] == "ValueError"


def test_the_bounds_are_those_of_the_contract() -> None:
    ((_, frame),) = Assembler("writer").assemble(Gathered(stages=[{"name": "a", "at": 1.0}]), 1)
    limits = decode_with_contract(frame)["limits"]
    assert limits["keyBytesMax"] == _limits.KEY_BYTES_MAX
    assert limits["logLineBytesMax"] == _limits.LINE_BYTES_MAX
    assert limits["nameLengthMax"] == _limits.NAME_LENGTH_MAX
    assert limits["configBytesMax"] == _limits.CONFIG_BYTES_MAX
    assert limits["reportPointsMax"] > _limits.REPORT_NUMBERS_MAX
    assert limits["reportLinesMax"] > _limits.REPORT_LINES_MAX
    assert limits["reportBytesMax"] > _limits.REPORT_NUMBERS_MAX * 8 + _limits.REPORT_TEXT_MAX * 6


def test_everything_the_sdk_tells_of_a_job_is_taken_by_the_contract(connected: CheckServer) -> None:
    with pilothouse.init(project="p", config={"lr": 1e-3}, tags=["a"], total_steps=2) as job:
        job.log({"loss": 1.0}, step=1, epoch=0.5)
        connected.wait_for(lambda s: any("recipe" in r.get("job", {}) for r in s.reports), "the recipe")
    for frame in connected.frames:
        decode_with_contract(frame)


def test_stamping_a_frame_anew_keeps_its_columns_byte_for_byte() -> None:
    ((_, frame),) = Assembler("w").assemble(Gathered(rows=[("job", 1, 1.0, None, {"a": math.pi})]), 1)
    again = stamp_frame(frame, 1234567, 1.0)
    assert split_frame(again)[1] == split_frame(frame)[1]
    before, after = read_report(frame), read_report(again)
    assert after == {**before, "sentAt": 1.0, "attempt": 1234567, "madeAt": before["sentAt"]}


@pytest.mark.parametrize("cut", [3, 7, 20])
def test_a_torn_frame_is_noticed(cut: int) -> None:
    frame = encode_frame({"a": "b" * 40}, [])
    with pytest.raises(ValueError, match="frame"):
        split_frame(frame[:cut])


def test_large_amounts_are_split_within_the_bounds() -> None:
    rows = [("job", step, 1.0, None, {"a": 1.0, "b": 2.0}) for step in range(200_000)]
    lines = [(1.0, "x" * 100)] * 70_000
    state = {"state": "completed", "at": 1.0}
    reports = list(Assembler("w").assemble(Gathered(rows, [LogPart("stdout", lines, "open")], state=state), 1))
    read = [read_report(frame) for _, frame in reports]
    assert [number for number, _ in reports] == list(range(1, len(reports) + 1))
    assert sum(len(block["steps"]) for report in read for block in report["points"]) == 200_000
    assert sum(len(log["lines"]) for report in read for log in report["logs"]) == 70_000
    assert [("state" in report) for report in read] == [False] * (len(read) - 1) + [True]
    assert max(len(frame) for _, frame in reports) < 4_500_000


def test_the_checking_server_is_strict() -> None:
    ((_, frame),) = Assembler("w").assemble(Gathered(rows=[("job", 1, 1.0, None, {"a": 1.0})]), 1)
    read_report(frame)
    header = {**split_frame(frame)[0], "points": []}
    for wrong in (encode_frame({**header, "extra": 1}, []), stamp_frame(frame, 0, 1.0), frame + bytes(8), frame[:-8]):
        with pytest.raises((WireFault, ValueError)):
            read_report(wrong)
