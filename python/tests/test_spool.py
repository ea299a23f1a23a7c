"""The spool: its format, its bound, a disk that is full, files that are damaged."""

from __future__ import annotations

import errno
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from pilothouse._frame import encode_frame, measure_in_row, split_frame, stamp_frame
from pilothouse._limits import SPOOL_FILE_BYTES, SPOOL_RESERVE_BYTES
from pilothouse._spool import Spool
from pilothouse._spool_files import (
    DamagedReport,
    RunFault,
    RunLock,
    list_reports,
    pack_report,
    read_birth,
    remove_run,
    report_path,
    unpack_report,
    write_birth,
    write_whole,
)

BIRTH = {"uid": "u-of-test", "attempt": 1, "writer": "w", "create": {"name": "n"}}
FRAME = encode_frame({"attempt": 1, "sentAt": 1000.0}, [])


class Disk:
    """Writes files until it is full; with room for so many more."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, path: Path, content: bytes) -> None:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= 1
        write_whole(path, content)


def names(folder: Path) -> list[str]:
    return [path.name for path in list_reports(folder)]


def test_a_report_in_a_file_has_a_checksum_and_old_files_without_one_are_read() -> None:
    packed = pack_report(FRAME)
    assert packed[:4] == b"PHS1"
    assert int.from_bytes(packed[4:8], "little") == zlib.crc32(FRAME)
    assert unpack_report(packed) == FRAME
    assert unpack_report(FRAME) == FRAME


def test_any_bit_that_flips_and_any_byte_that_is_missing_is_noticed() -> None:
    packed = pack_report(FRAME)
    for at in range(len(packed) * 8):
        flipped = bytearray(packed)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(DamagedReport):
            unpack_report(bytes(flipped))
    for length in range(len(packed)):
        with pytest.raises(DamagedReport):
            unpack_report(packed[:length])


def test_a_report_that_waited_is_stamped_with_the_time_of_sending_and_says_when_it_was_made() -> None:
    stamped = stamp_frame(FRAME, 2, 5000.0)
    assert split_frame(stamped)[0] == {"attempt": 2, "sentAt": 5000.0, "madeAt": 1000.0}
    assert split_frame(stamp_frame(stamped, 3, 9000.0))[0] == {"attempt": 3, "sentAt": 9000.0, "madeAt": 1000.0}


def test_a_damaged_report_is_told_and_set_aside_and_the_next_follows(tmp_path: Path, capfd: Any) -> None:
    spool = Spool(tmp_path / "run", BIRTH)
    for number in (1, 2, 3):
        spool.append(number, FRAME)
    report_path(spool.folder, 1).write_bytes(b"")
    path = report_path(spool.folder, 2)
    path.write_bytes(path.read_bytes()[:-1])
    assert spool.oldest(10, 1_000_000) == [(3, FRAME)]
    assert [path.name for path in sorted(spool.folder.glob("*.refused"))] == ["00000001.refused", "00000002.refused"]
    told = capfd.readouterr().err
    assert "00000001.report is damaged (it is empty)" in told
    assert "00000002.report is damaged (its checksum is wrong" in told
    spool.remove(3)
    assert (spool.folder / "job.json").exists(), "what was set aside stays, and what it belongs to"


def test_the_oldest_reports_are_given_as_many_as_a_row_takes(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "run", BIRTH)
    assert spool.oldest(2, 1_000_000) == []
    for number in (1, 2, 3):
        spool.append(number, FRAME)
    assert [number for number, _ in spool.oldest(2, 1_000_000)] == [1, 2]
    assert [number for number, _ in spool.oldest(9, 2 * measure_in_row(FRAME))] == [1, 2]
    assert [number for number, _ in spool.oldest(9, 1)] == [1], "a large one goes alone"


def test_the_spool_is_bounded_and_keeps_the_last_figures_and_the_end(tmp_path: Path, capfd: Any) -> None:
    spool = Spool(tmp_path / "run", BIRTH, bytes_max=2 * SPOOL_FILE_BYTES)
    assert [spool.append(number, FRAME) for number in (1, 2, 3, 4)] == [True, True, False, False]
    assert spool.dropped == 2
    assert spool.append(5, FRAME, always=True)
    assert spool.dropped == 1
    assert names(spool.folder) == ["00000001.report", "00000002.report", "00000004.report", "00000005.report"]
    assert capfd.readouterr().err.count("what comes now is left out") == 1


def test_room_that_comes_back_is_used_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "run", BIRTH, bytes_max=2 * SPOOL_FILE_BYTES)
    assert [spool.append(number, FRAME) for number in (1, 2, 3)] == [True, True, False]
    report_path(spool.folder, 1).unlink()  # a collector took it
    spool.recount()
    assert spool.append(4, FRAME)
    assert names(spool.folder) == ["00000002.report", "00000004.report"]


def test_a_full_disk_is_told_once_and_what_waited_in_memory_goes_to_disk_first(tmp_path: Path, capfd: Any) -> None:
    disk = Disk(1)
    spool = Spool(tmp_path / "run", BIRTH, write=disk.write)
    for number in (1, 2, 3):
        assert spool.append(number, FRAME)
    assert (names(spool.folder), len(spool)) == (["00000001.report"], 3)
    disk.room = 1
    assert spool.append(4, FRAME)
    assert names(spool.folder) == ["00000001.report", "00000002.report"], "never a newer one before an older"
    disk.room = 10
    assert spool.append(5, FRAME)
    assert names(spool.folder) == [f"0000000{number}.report" for number in (1, 2, 3, 4, 5)]
    assert capfd.readouterr().err.count("cannot be written (No space left on device); reports wait in memory") == 1


def test_memory_is_bounded_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:  # fmt: skip
    monkeypatch.setattr("pilothouse._spool.SPOOL_MEMORY_MAX", 3 * SPOOL_FILE_BYTES)
    spool = Spool(tmp_path / "run", BIRTH, write=Disk(0).write)
    assert [spool.append(number, FRAME) for number in (1, 2, 3, 4, 5)] == [True, True, True, False, False]
    assert capfd.readouterr().err.count("there is no more room") == 1


def test_the_end_takes_the_place_that_was_reserved_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    reserve = folder / "reserve"

    def write(path: Path, content: bytes) -> None:
        if reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, content)

    spool = Spool(folder, BIRTH, write=write)
    assert spool.append(1, FRAME)
    assert reserve.stat().st_size == SPOOL_RESERVE_BYTES
    assert spool.append(2, FRAME, always=True)
    assert names(folder) == ["00000001.report", "00000002.report"]
    spool.finish()
    assert not reserve.exists()


def test_the_end_is_kept_before_older_reports_that_find_no_room_any_more(tmp_path: Path) -> None:
    disk = Disk(1)

    def write(path: Path, content: bytes) -> None:
        if (path.parent / "reserve").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        disk.write(path, content)

    spool = Spool(tmp_path / "run", BIRTH, write=write)
    large = encode_frame({"attempt": 1, "text": "x" * SPOOL_RESERVE_BYTES}, [])
    for number in (1, 2, 3):
        assert spool.append(number, large)
    assert spool.append(4, FRAME, always=True)
    assert names(spool.folder) == [], "never a newer one before an older while the older may still be sent"
    spool.finish()
    assert (names(spool.folder), len(spool), spool.on_disk) == (["00000004.report"], 4, 1)


def test_a_mailbox_that_cannot_be_made_is_replaced_by_the_spool(tmp_path: Path, capfd: Any) -> None:
    (tmp_path / "file").write_text("")
    spool = Spool(tmp_path / "file" / "run", BIRTH, fallback=tmp_path / "spool" / "run")
    assert spool.append(1, FRAME)
    assert names(tmp_path / "spool" / "run") == ["00000001.report"]
    assert "reports wait in" in capfd.readouterr().err


def test_a_folder_that_a_sync_removed_meanwhile_is_made_anew(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "run", BIRTH)
    spool.append(1, FRAME)
    report_path(spool.folder, 1).unlink()
    remove_run(spool.folder)
    assert not spool.folder.exists()
    spool.append(2, FRAME)
    assert read_birth(spool.folder) == {"version": 2, **BIRTH}
    (spool.folder / "job.json").unlink()
    spool.append(3, FRAME)
    assert read_birth(spool.folder)["uid"] == BIRTH["uid"]


def test_the_folder_of_a_run_stays_while_anything_of_it_is_there(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "run", BIRTH)
    spool.append(1, FRAME)
    remove_run(spool.folder)
    assert names(spool.folder) == ["00000001.report"]
    assert read_birth(spool.folder)["uid"] == BIRTH["uid"]


def test_what_a_collector_answers_is_read_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "run", BIRTH)
    assert spool.read_ack() is None
    spool.append(1, FRAME)
    report_path(spool.folder, 1).unlink()
    write_whole(spool.folder / "ack.json", json.dumps({"number": 1, "state": "cancelled"}).encode())
    assert spool.read_ack() == {"number": 1, "state": "cancelled"}
    assert len(spool) == 0
    assert spool.read_ack() is None
    write_whole(spool.folder / "ack.json", b"torn")
    assert spool.read_ack() is None


def test_one_at_a_time_sends_from_a_folder(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_reports_are_in_order_of_number_beyond_eight_digits(tmp_path: Path) -> None:
    for number in (100_000_000, 99_999_999, 7):
        write_whole(report_path(tmp_path, number), b"")
    assert names(tmp_path) == ["00000007.report", "99999999.report", "100000000.report"]


@pytest.mark.parametrize("text", ["", "[]", '{"uid": 1}', "no json", '{"uid": "u", "attempt": "1", "create": {}}'])
def test_a_description_that_is_none_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "job.json").write_text(text)
    with pytest.raises(RunFault, match=r"job\.json"):
        read_birth(tmp_path)


def test_a_description_of_a_later_version_is_refused_in_words(tmp_path: Path) -> None:
    write_birth(tmp_path, {**BIRTH, "version": 3})
    with pytest.raises(RunFault, match="use a newer pilothouse"):
        read_birth(tmp_path)
