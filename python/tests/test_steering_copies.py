"""Copies of checkpoints that a running job sends to a real server, and fetches from there; and what it sees of its files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any, Iterator

import pytest
from collector import wait_until
from control_room import PROGRAM, ControlRoom
from steered_loop import Loop, running

import pilothouse
from pilothouse import _limits as limits
from pilothouse._copies import Copies
from pilothouse._file_look import FileLook
from pilothouse._spool_files import write_whole

SMALL_DISK = Path(__file__).parents[2] / "lab" / "small-disk"
PART_BYTES = 64 * 1024


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy takes long enough to be broken off."""
    monkeypatch.setattr(limits, "COPY_PART_BYTES_MAX", PART_BYTES)
    monkeypatch.setattr(limits, "COPY_PART_BYTES_MIN", PART_BYTES)


@pytest.fixture
def half_way(monkeypatch: pytest.MonkeyPatch, small_parts: None) -> threading.Event:
    """A copy dawdles until this is set: on a fast machine it would be over before the control room says how far it is."""
    go_on = threading.Event()
    plain = Copies._call

    def hold(self: Copies, method: str, path: str, body: bytes, content_type: str) -> Any:
        if "offset=" in path:
            go_on.wait(0.2)
        return plain(self, method, path, body, content_type)

    monkeypatch.setattr(Copies, "_call", hold)
    return go_on


def grow(loop: Loop, megabytes: int) -> None:
    """Its checkpoints are so large from now on."""
    plain = loop.checkpoints._save

    def save(path: str) -> None:
        plain(path)
        state = json.loads(Path(path).read_text())
        Path(path).write_text(json.dumps({**state, "ballast": os.urandom(megabytes * 512 * 1024).hex()}))

    loop.checkpoints._save = save


def write(loop: Loop, name: str) -> dict[str, Any]:
    assert loop.done("POST", "checkpoints", {"name": name.removesuffix(".json")})["state"] == "applied"
    return loop.checkpoint(name)


def ask_copy(loop: Loop, one: dict[str, Any]) -> int:
    """The number of the command."""
    loop.tell("POST", f"checkpoints/{one['id']}/copy")
    commands = loop.room.ask(f"/api/jobs/{loop.uid}/commands")["commands"]
    return int(next(one["id"] for one in commands if one["kind"] == "copy"))


def copied(room: ControlRoom, uid: str, name: str) -> dict[str, Any]:
    """The checkpoint, once the control room has all of it."""

    def look() -> Any:
        found = next(one for one in room.ask(f"/api/jobs/{uid}/checkpoints")["checkpoints"] if one["name"] == name)
        assert (found["copy"] or {}).get("state") != "failed", found["copy"]["reason"]
        return found if (found["copy"] or {}).get("state") == "copied" else None

    found: dict[str, Any] = room.wait_for(look, f"the copy of {name}")
    return found


def under_way(room: ControlRoom, uid: str, name: str) -> None:
    """Until some of it has come, and not all."""

    def look() -> bool:
        found = next(one for one in room.ask(f"/api/jobs/{uid}/checkpoints")["checkpoints"] if one["name"] == name)
        return bool(0 < found["copy"]["received"] < found["bytes"])

    room.wait_for(look, "a part of the copy")


def kept(room: ControlRoom) -> list[Path]:
    return [path for path in (room.folder / "copies").rglob("*") if path.is_file()]


def test_a_copy_is_sent_while_the_training_goes_on(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "copy-1", tmp_path) as loop:
        grow(loop, 9)
        one = write(loop, "one.json")
        number = ask_copy(loop, one)
        seen = len(loop.seen)
        copy = copied(at_home, "copy-1", "one.json")["copy"]
        assert (copy["received"], copy["bytes"]) == (one["bytes"], one["bytes"])
        assert loop.settled({"id": number})["state"] == "applied"
        assert len(loop.seen) > seen
        assert at_home.read(f"/api/jobs/copy-1/checkpoints/{one['id']}/copy") == Path(one["uri"]).read_text()


def test_a_copy_is_asked_for_on_the_command_line(at_home: ControlRoom, tmp_path: Path) -> None:
    environ = {**os.environ, "PILOTHOUSE_DATA": str(at_home.folder)}

    def cli(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(PROGRAM), *words], env=environ, capture_output=True, text=True, check=False, timeout=60)

    with running(at_home, "copy-cli", tmp_path) as loop:
        one = write(loop, "one.json")
        done = cli("checkpoint", "copy-cli", "--copy", "one.json")
        assert (done.returncode, done.stdout) == (0, f"Copy of «one.json»: done, {one['bytes']} B.\n")
        assert "copied" in cli("checkpoints", "copy-cli").stdout
        checked = cli("checkpoint", "copy-cli", "--check", "one.json")
        assert (checked.returncode, checked.stdout) == (0, "«one.json» has the bytes that were written.\n")
        Path(one["uri"]).write_text("x")
        assert "instead of" in cli("checkpoint", "copy-cli", "--check", str(one["id"])).stderr
        assert cli("checkpoint", "copy-cli", "--copy", "none").returncode != 0


def test_a_folder_is_sent_whole(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "copy-2", tmp_path) as loop:

        def save(path: str) -> None:
            (Path(path) / "ränk" / "0").mkdir(parents=True)
            (Path(path) / "ränk" / "0" / "weights.bin").write_bytes(os.urandom(5_000_000))
            (Path(path) / "Z.json").write_text("{}")
            (Path(path) / "a.txt").write_text("")

        loop.checkpoints._save = save
        one = write(loop, "folder.json")
        ask_copy(loop, one)
        copied(at_home, "copy-2", "folder.json")
        shutil.rmtree(one["uri"])
        loop.load = loop.checkpoints._load = lambda path: assert_folder(Path(path))  # type: ignore[method-assign]
        back = loop.done("PUT", f"checkpoints/{one['id']}/rollback", {"checkpointFirst": False})
        assert (back["state"], back["reason"]) == ("applied", None)


def assert_folder(path: Path) -> None:
    assert sorted(file.name for file in path.rglob("*") if file.is_file()) == ["Z.json", "a.txt", "weights.bin"]
    assert (path / "ränk" / "0" / "weights.bin").stat().st_size == 5_000_000


def test_a_server_that_is_killed_costs_no_more_than_a_part(
    room: ControlRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half_way: threading.Event
) -> None:
    monkeypatch.setenv("PILOTHOUSE_DATA", str(room.folder))
    sent: list[str] = []
    plain = Copies._call

    def note(self: Copies, method: str, path: str, body: bytes, content_type: str) -> Any:
        answer = plain(self, method, path, body, content_type)
        if "offset=" in path and answer is not None and answer.ok:
            sent.append(path)
        return answer

    monkeypatch.setattr(Copies, "_call", note)
    with running(room, "copy-3", tmp_path) as loop:
        grow(loop, 24)
        one = write(loop, "one.json")
        ask_copy(loop, one)
        under_way(room, "copy-3", "one.json")
        half_way.set()
        room.kill()
        assert [path.name for path in kept(room) if "files" in path.parts] == ["one.json"]
        room.start()
        copied(room, "copy-3", "one.json")
        # Each part once, but for the one under way.
        assert len(sent) <= -(-one["bytes"] // PART_BYTES) + 2
        assert room.read(f"/api/jobs/copy-3/checkpoints/{one['id']}/copy") == Path(one["uri"]).read_text()


SCRIPT = """
    import os, sys, threading
    import pilothouse
    from pilothouse import _limits as limits
    from pilothouse._copies import Copies

    limits.COPY_PART_BYTES_MAX = limits.COPY_PART_BYTES_MIN = 65536
    pause = threading.Event()
    plain = Copies._call

    def hold(self, method, path, body, content_type):
        if not os.path.exists("go-on"):
            pause.wait(0.2)
        return plain(self, method, path, body, content_type)

    Copies._call = hold
    job = pilothouse.init(id="copy-4")
    kept = job.checkpoints(
        save=lambda path: open(path, "wb").write(os.urandom(24 << 20)), load=lambda path: None, directory=sys.argv[1]
    )
    for step in job.steps(range(1_000_000)):
        job.log({"loss": 1.0}, step=step)
        pause.wait(0.005)
"""


def test_a_training_that_is_killed_leaves_no_half_copy_and_the_next_one_goes_on(room: ControlRoom, tmp_path: Path) -> None:
    script, folder = tmp_path / "train.py", tmp_path / "kept"
    script.write_text(textwrap.dedent(SCRIPT))
    path = "/api/jobs/copy-4"

    def start() -> subprocess.Popen[bytes]:
        begun = subprocess.Popen([sys.executable, str(script), str(folder)], env=room.environment(tmp_path), cwd=tmp_path)
        attempts = len(room.ask(path)["attempts"]) if room.ask("/api/jobs")["jobs"] else 0
        room.wait_for(lambda: room.ask("/api/jobs")["jobs"] and len(room.ask(path)["attempts"]) > attempts, "the attempt")
        room.wait_for(lambda: room.ask(f"{path}/commands")["controls"], "what it can be told")
        return begun

    def listed() -> Any:
        return next(iter(room.ask(f"{path}/checkpoints")["checkpoints"]), None)

    training = start()
    try:
        room.tell("POST", f"{path}/checkpoints", {"name": "one"})
        one = room.wait_for(listed, "the checkpoint")
        room.tell("POST", f"{path}/checkpoints/{one['id']}/copy")
        under_way(room, "copy-4", "one")
        training.kill()
        training.wait()
        assert listed()["copy"]["state"] == "copying"
        (tmp_path / "go-on").touch()
        training = start()
        room.wait_for(lambda: listed()["copy"]["state"] == "failed", "the end of the copy")
        assert "attempt 2 has begun" in listed()["copy"]["reason"]
        there = sum(file.stat().st_size for file in kept(room) if file.name == "one")
        assert 0 < there < one["bytes"]
        room.tell("POST", f"{path}/checkpoints/{one['id']}/copy")
        room.wait_for(lambda: listed()["copy"]["received"] >= there, "going on")
        copied(room, "copy-4", "one")
        assert (room.folder / "copies").exists()
        assert [file.read_bytes() for file in kept(room) if file.name == "one"] == [Path(one["uri"]).read_bytes()]
    finally:
        training.kill()
        training.wait()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    disk = subprocess.Popen([str(SMALL_DISK), str(folder), "16m"], text=True, **pipes)  # type: ignore[call-overload]
    word, *rest = disk.stdout.readline().split()
    assert word == "ready"
    yield Path(f"/proc/{rest[0]}/root{folder}")
    disk.communicate()


def test_a_disk_that_is_full_is_told_and_nothing_is_left(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_parts: None
) -> None:
    room = ControlRoom(tmp_path / "server", PILOTHOUSE_COPIES=str(small_disk))
    monkeypatch.setenv("PILOTHOUSE_DATA", str(room.folder))
    ballast = small_disk / "ballast"
    filled: list[str] = []
    plain = Copies._call

    def fill_behind_first(self: Copies, method: str, path: str, body: bytes, content_type: str) -> Any:
        answer = plain(self, method, path, body, content_type)
        if "offset=" in path and not filled and answer is not None and answer.ok:
            filled.append(path)
            ballast.write_bytes(b"x" * 4 * 1024 * 1024)
        return answer

    monkeypatch.setattr(Copies, "_call", fill_behind_first)
    try:
        with running(room, "copy-5", tmp_path / "kept") as loop:
            grow(loop, 20)
            too_large = loop.settled({"id": ask_copy(loop, write(loop, "large.json"))})
            assert too_large["state"] == "failed"
            assert "has room for 15" in too_large["reason"]
            loop.checkpoints._save = loop.save
            grow(loop, 12)
            one = write(loop, "one.json")
            assert loop.settled({"id": ask_copy(loop, one)})["state"] == "failed"
            assert len(filled) == 1
            copy = loop.checkpoint("one.json")["copy"]
            assert copy["state"] == "failed"
            assert "has room for" in copy["reason"]
            assert list(small_disk.rglob("*.json")) == []
            seen = len(loop.seen)
            room.wait_for(lambda: len(loop.seen) > seen, "the next step")
            ballast.unlink()
            ask_copy(loop, one)
            copied(room, "copy-5", "one.json")
    finally:
        room.close()


def test_what_is_not_what_was_written_is_not_sent(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "copy-6", tmp_path) as loop:
        one = write(loop, "one.json")
        Path(one["uri"]).write_text(json.dumps({"weight": -7.0}))
        done = loop.settled({"id": ask_copy(loop, one)})
        assert (done["state"], done["reason"]) == (
            "failed",
            f"{one['uri']} is not what was written: its checksum is another one.",
        )
        assert loop.checkpoint("one.json")["copy"]["reason"] == done["reason"]


def test_an_original_that_is_gone_comes_back_from_its_copy(
    room: ControlRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTHOUSE_DATA", str(room.folder))
    monkeypatch.setattr(limits, "FILES_LOOK_S", 0.1)
    folder = tmp_path / "kept"
    with running(room, "copy-7", folder) as loop:
        one = write(loop, "one.json")
        ask_copy(loop, one)
        copied(room, "copy-7", "one.json")
        shutil.move(folder / "one.json", tmp_path / "away")
        room.wait_for(lambda: loop.checkpoint("one.json")["state"] == "missing", "the missing file")
        missing = loop.checkpoint("one.json")
        assert missing["stateReason"] == f"{folder / 'one.json'} is not there any more."
        assert missing["faultSince"] is not None
        shutil.move(tmp_path / "away", folder / "one.json")
        room.wait_for(lambda: loop.checkpoint("one.json")["state"] == "present", "the file again")
        assert loop.checkpoint("one.json")["faultSince"] is None
        (folder / "one.json").unlink()
        room.wait_for(lambda: loop.checkpoint("one.json")["state"] == "missing", "the missing file")
        loop.weight = 1e9
        back = loop.done("PUT", f"checkpoints/{one['id']}/rollback", {"checkpointFirst": False})
        assert (back["state"], back["reason"]) == ("applied", None)
        assert loop.weight < 1e9
        room.wait_for(lambda: loop.checkpoint("one.json")["state"] == "present", "the file again")
    # A machine that was rented anew has none of it.
    shutil.rmtree(folder)
    state: dict[str, Any] = {}
    job = pilothouse.init(id="copy-7", project="steered")
    again = job.checkpoints(
        save=lambda path: None,
        load=lambda path: state.update(json.loads(Path(path).read_text())),
        directory=folder,
        suffix=".json",
    )
    assert again.restore() == one["step"]
    assert state["weight"] > 0
    assert json.loads((folder / "one.json.pilothouse.json").read_text())["sha256"] == one["sha256"]


def test_a_job_that_completes_waits_for_the_copy_under_way(
    at_home: ControlRoom, tmp_path: Path, half_way: threading.Event
) -> None:
    loop = Loop(at_home, "copy-8", tmp_path).start().ready()
    grow(loop, 12)
    one = write(loop, "one.json")
    ask_copy(loop, one)
    under_way(at_home, "copy-8", "one.json")
    loop.checkpoints._steering.stopped = True
    assert loop.ended.wait(20)
    loop.checkpoints._steering.stopped = False
    half_way.set()
    loop.job.finish()
    assert copied(at_home, "copy-8", "one.json")["copy"]["received"] == one["bytes"]
    assert at_home.ask("/api/jobs/copy-8")["state"] == "completed"
    assert {one["state"] for one in at_home.ask("/api/jobs/copy-8/commands")["commands"]} == {"applied"}


def test_a_look_tells_what_has_changed_and_raises_no_false_alarm(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    (folder / "tree").mkdir(parents=True)
    (folder / "tree" / "a").write_bytes(b"12345")
    (folder / "one").write_bytes(b"123")
    told: list[tuple[str, str]] = []
    look = FileLook(folder, lambda fate: told.append((fate["name"], fate["state"])))
    look.note("one", 3)
    look.note("tree", 5)
    look.look()
    assert told == []
    (folder / "one").write_bytes(b"1234")
    (folder / "tree" / "a").unlink()
    look.look()
    look.look()
    assert told == [("one", "corrupt"), ("tree", "corrupt")]
    folder.rename(tmp_path / "unmounted")
    look.look()
    assert told[2:] == [("one", "hidden"), ("tree", "hidden")]
    folder.mkdir()
    look.look()
    assert told[4:] == [("one", "missing"), ("tree", "missing")]
    folder.rmdir()
    (tmp_path / "unmounted").rename(folder)
    (folder / "one").write_bytes(b"123")
    look.look()
    assert told[6:] == [("one", "present"), ("tree", "corrupt")]
    look.forget("tree")
    shutil.rmtree(folder / "tree")
    look.look()
    assert len(told) == 8
    look.stop()


def test_no_file_goes_by_the_mailbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PILOTHOUSE_MAILBOX", str(tmp_path / "mailbox"))
    job = pilothouse.init(id="by-mailbox")
    kept = job.checkpoints(save=lambda path: Path(path).write_text("1"), directory=tmp_path / "kept")
    path = kept.save("one")
    assert path is not None
    folder = wait_until(lambda: [one.parent for one in (tmp_path / "mailbox").glob("*/job.json")], "the run's folder")[0]
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(job._steering.host, "tell", lambda part, event: told.append(event) if part == "outcomes" else None)
    body = {"checkpoint": 1, "name": "one", "uri": str(path), "step": 0, "sha256": None}
    orders = {"commands": [{"id": 1, "kind": "copy", "body": body, "expiresInMs": 60_000}], "pinned": []}
    names = {"number": 0, "state": "running", "serverTime": 0, "uid": job.uid, "attempt": 1, "page": "/job/by-mailbox"}
    job.control(0)
    write_whole(folder / "ack.json", json.dumps({**names, "orders": orders}).encode())
    wait_until(lambda: (job.control(1), told)[1], "what came of it")
    assert told[0]["state"] == "rejected"
    assert (
        told[0]["reason"]
        == f"This job is reached by its mailbox only, which carries no files. Copy {path} on its machine by hand."
    )


def test_threads_that_send_end_with_their_work(at_home: ControlRoom, tmp_path: Path) -> None:
    with running(at_home, "copy-9", tmp_path) as loop:
        ask_copy(loop, write(loop, "one.json"))
        copied(at_home, "copy-9", "one.json")
        at_home.wait_for(lambda: all(one.name != "pilothouse-copies" for one in threading.enumerate()), "the end of the thread")
