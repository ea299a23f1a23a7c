"""What a script prints is what it always printed, and the server sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from check_server import CheckServer, lines_of
from conftest import TIME_LIMIT_S, script_environment, start_script

PRINTS = r"""
import logging, os, sys
%s
print("plain", "ä€😀", sep="|", end="!\n")
sys.stdout.write("no end")
sys.stdout.write(" … end\n")
for n in range(3):
    print(f"\r{n}0%%", end="", flush=True)
print()
sys.stdout.buffer.write(b"bytes \xff\xfe\n")
sys.stdout.buffer.flush()
sys.stdout.writelines(["one\n", "two\n"])
print("\x1b[31mred\x1b[0m <b>html</b>\ttab")
sys.stdout.flush()
os.write(1, b"below\n")
subprocess_stdout = sys.stdout.fileno()
logging.basicConfig(stream=sys.stdout, format="%%(message)s")
logging.warning("logged")
print(sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.line_buffering, sys.stdout.errors, sys.stdout.name, subprocess_stdout)
print("to stderr", file=sys.stderr)
print("the end", end="")
"""
BEGIN = 'import pilothouse\njob = pilothouse.init(mode=os.environ.get("MODE"))'


def test_output_is_byte_for_byte_what_it_was(server: CheckServer, run_script: Any) -> None:
    without = run_script(PRINTS % "")
    with_it = run_script(PRINTS % BEGIN)
    assert with_it.stdout == without.stdout
    # Online, our line comes when the server answers, perhaps between two writes of the script; offline at the end.
    offline = run_script(PRINTS % BEGIN, MODE="offline")
    assert offline.stdout == without.stdout
    told = [line for line in offline.stderr.splitlines(True) if not line.startswith(b"pilothouse: ")]
    assert b"".join(told) == without.stderr


def test_the_server_sees_lines_with_progress_bars_collapsed(server: CheckServer, run_script: Any) -> None:
    run_script(PRINTS % BEGIN)
    assert lines_of(server.reports)[:7] == [
        "plain|ä€😀!",
        "no end … end",
        "20%",
        "bytes ��",
        "one",
        "two",
        "\x1b[31mred\x1b[0m <b>html</b>\ttab",
    ]
    assert lines_of(server.reports)[7] == "logged"
    assert lines_of(server.reports)[-1] == "the end"
    assert lines_of(server.reports, "stderr") == ["to stderr"]


def test_the_line_under_way_is_shown(server: CheckServer, environment: dict[str, str], tmp_path: Path) -> None:
    code = "import sys, pilothouse\npilothouse.init()\nprint('\\r30%', end='', flush=True)\nsys.stdin.read()\nprint()"
    process = start_script(tmp_path, code, environment)
    server.wait_for(lambda s: any(log.get("open") == "30%" for report in s.reports for log in report["logs"]))
    process.communicate(timeout=TIME_LIMIT_S)
    assert lines_of(server.reports) == ["30%"]


def test_handlers_of_logging_made_before_are_seen(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import logging, pilothouse
        logging.basicConfig(format="%(message)s")
        job = pilothouse.init()
        logging.warning("seen")
        job.finish()
        logging.warning("after")
        """
    )
    assert [line for line in done.stderr.splitlines() if b"pilothouse" not in line] == [b"seen", b"after"]
    assert lines_of(server.reports, "stderr") == ["seen"]


def test_a_wrapper_that_captures_the_output_does_so_alone(server: CheckServer, run_script: Any) -> None:
    code = "import sys\nbefore = sys.stdout\nimport pilothouse\npilothouse.init()\nassert sys.stdout is before\nprint('x')"
    threads = "\nimport threading\nprint(any('sampler' in thread.name for thread in threading.enumerate()))"
    done = run_script(code + threads, PILOTHOUSE_OUTPUT="wrapper")
    assert (done.returncode, done.stdout) == (0, b"x\nFalse\n"), "no sampler either"
    assert lines_of(server.reports) == []


def test_streams_are_put_back(server: CheckServer, run_script: Any) -> None:
    done = run_script(
        """
        import contextlib, io, sys, pilothouse
        streams = sys.stdout, sys.stderr
        with pilothouse.init():
            with contextlib.redirect_stdout(io.StringIO()) as text:
                print("aside")
            print("straight")
        assert (sys.stdout, sys.stderr) == streams and text.getvalue() == "aside\\n"
        """
    )
    assert (done.returncode, done.stdout) == (0, b"straight\n")
    assert lines_of(server.reports) == ["straight"]


def test_a_closed_pipe_is_the_scripts_own_affair(server: CheckServer, environment: dict[str, str], tmp_path: Path) -> None:
    code = "import pilothouse\npilothouse.init()\nfor n in range(100000): print('x' * 100)"
    process = start_script(tmp_path, code, environment)
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=TIME_LIMIT_S) if process.stderr else (b"", b"")
    assert process.returncode == 1
    assert b"BrokenPipeError" in err
    assert [report["state"]["error"]["type"] for report in server.reports if "state" in report] == ["BrokenPipeError"]


def test_a_megabyte_line_is_cut_for_the_server_only(server: CheckServer, run_script: Any) -> None:
    done: subprocess.CompletedProcess[bytes] = run_script("import pilothouse\npilothouse.init()\nprint('x' * 1_000_000)")
    assert done.stdout == b"x" * 1_000_000 + b"\n"
    (line,) = lines_of(server.reports)
    assert len(line) <= 64 * 1024
    assert line.endswith("bytes left out)")


def test_a_flood_of_output_loses_nothing_and_stays_bounded_for_the_server(server: CheckServer, run_script: Any) -> None:
    done = run_script("import pilothouse\npilothouse.init()\nfor n in range(60): print('y' * 1_000_000)")
    assert len(done.stdout) == 60 * 1_000_001
    lines = lines_of(server.reports)
    assert any("left out]" in line for line in lines) or len(lines) == 60


def test_running_tools_never_shortens_what_an_unbuffered_script_writes(tmp_path: Path) -> None:
    code = """
        import threading
        from pilothouse._tool import ToolError, run_tool
        def ask():
            while True:
                for name in ("true", "git"):
                    try: run_tool([name, "--version"], 5)
                    except ToolError: pass
        threading.Thread(target=ask, daemon=True).start()
        for n in range(40): print("y" * 1_000_000)
        """
    environment = {**script_environment(tmp_path, "http://127.0.0.1:1"), "PYTHONUNBUFFERED": "1"}
    out, _ = start_script(tmp_path, code, environment).communicate(timeout=TIME_LIMIT_S)
    assert len(out) == 40 * 1_000_001
