"""What is read of host and GPUs, from machines as they are and from files and tools as other machines have them."""

from __future__ import annotations

import ctypes
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from pilothouse import _gpu
from pilothouse._gpu import Absence, Gpu, NvmlReader, SmiReader, choose_visible, open_gpus, parse_smi_line
from pilothouse._host import LinuxReader, MacReader, Rates

FILES = {
    "proc/stat": "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1 1 1\n",
    "proc/meminfo": "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    400 kB\n",
    "proc/diskstats": "8 0 sda 1 0 100 0 1 0 200 0 0 0 0\n8 1 sda1 1 0 90 0 1 0 190 0 0 0 0\n7 0 loop0 1 0 5 0 0 0 5 0 0 0 0\n",
    "proc/net/dev": "a\nb\n  lo: 9 0 0 0 0 0 0 0 9 0\neth0: 1000 0 0 0 0 0 0 0 500 0\nveth1: 7 0 0 0 0 0 0 0 7 0\n",
    "proc/self/statm": "100 50 1 1 0 1 0\n",
    "sys/block/sda/size": "1",
    "sys/block/loop0/size": "1",
    "sys/class/hwmon/hwmon0/name": "nvme\n",
    "sys/class/hwmon/hwmon0/temp1_input": "30000\n",
    "sys/class/hwmon/hwmon1/name": "coretemp\n",
    "sys/class/hwmon/hwmon1/temp1_input": "51000\n",
    "sys/class/hwmon/hwmon1/temp2_input": "55000\n",
    "sys/class/hwmon/hwmon1/temp2_label": "Package id 0\n",
}
VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               12345.
Pages active:                               100.
Pages inactive:                              50.
Pages wired down:                            20.
"Translation faults":                    999999.
Pages occupied by compressor:                 5.
"""


def write_files(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_linux_host_is_read_from_its_files(tmp_path: Path) -> None:
    now = [0.0]
    reader = LinuxReader("/", str(tmp_path), Rates(lambda: now[0]))
    write_files(tmp_path, FILES)
    first = reader.read()
    assert not {"cpu.utilization", "disk.read", "network.sent"} & first.keys()
    now[0] = 2.0
    later = {
        "proc/stat": "cpu  150 0 150 900 0 0 0 0 0 0\n",
        "proc/diskstats": "8 0 sda 1 0 120 0 1 0 240 0 0 0 0\n",
        "proc/net/dev": "a\nb\neth0: 3000 0 0 0 0 0 0 0 900 0\n",
    }
    write_files(tmp_path, later)
    sample = reader.read()
    assert sample["cpu.utilization"] == 50.0
    assert sample["cpu.temperature"] == 55.0
    assert (sample["memory.used"], sample["memory.total"]) == (600 * 1024, 1000 * 1024)
    assert (sample["disk.read"], sample["disk.write"]) == (20 * 512 / 2, 40 * 512 / 2)
    assert (sample["network.received"], sample["network.sent"]) == (1000.0, 200.0)
    assert sample["process.memory"] == 50 * os.sysconf("SC_PAGE_SIZE")
    assert sample["disk.total"] >= sample["disk.used"] > 0


def test_what_a_host_does_not_tell_is_left_out(tmp_path: Path) -> None:
    reader = LinuxReader(str(tmp_path / "gone"), str(tmp_path))
    reader.read()
    assert reader.read().keys() == {"process.cpu"}
    assert reader.memory_bytes() is None


def test_this_host_can_be_read() -> None:
    reader = LinuxReader("/", "/")
    reader.read()
    assert {"memory.used", "memory.total", "disk.used", "process.memory"} <= reader.read().keys()


def test_a_mac_is_read_from_its_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    texts = {"sysctl": "17179869184\n", "vm_stat": VM_STAT, "ps": "  12.5\n  37,5\n"}
    reader = MacReader("/", lambda command: "2048\n" if "rss=" in command else texts[command[0]])
    sample = reader.read()
    assert sample["memory.total"] == 17179869184
    assert sample["memory.used"] == 125 * 16384
    assert sample["cpu.utilization"] == 25.0
    assert sample["process.memory"] == 2048 * 1024
    assert MacReader("/", lambda command: "").read().keys() <= {"disk.used", "disk.total", "process.cpu"}


GPUS = [Gpu(0, "GPU-aaa", "A", None, {}), Gpu(1, "GPU-bbb", "B", None, {}), Gpu(2, "GPU-bcc", "C", None, {})]


@pytest.mark.parametrize(
    ("visible", "indexes"),
    [(None, [0, 1, 2]), ("1", [1]), ("2,0", [2, 0]), ("GPU-b", [1]), ("GPU-bcc", [2]), ("0,9,1", [0]), ("MIG-x", [0, 1, 2])],
)
def test_only_visible_gpus_count(visible: str | None, indexes: list[int]) -> None:
    assert [gpu.index for gpu in choose_visible(GPUS, visible)] == indexes


class FakeNvml:
    """Has NVML's functions and one GPU that does not tell its power."""

    def __getattr__(self, name: str) -> Any:
        assert name == "nvmlInit_v2"
        return lambda: 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:  # noqa: N802
        count._obj.value = 1
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, device: Any) -> int:  # noqa: N802
        device._obj.value = 77
        return 0

    def nvmlDeviceGetUtilizationRates(self, device: Any, rates: Any) -> int:  # noqa: N802
        rates._obj.gpu = 42
        return 0

    def nvmlDeviceGetTemperature(self, device: Any, kind: Any, temperature: Any) -> int:  # noqa: N802
        temperature._obj.value = 61
        return 0

    def nvmlDeviceGetMemoryInfo(self, device: Any, memory: Any) -> int:  # noqa: N802
        memory._obj.total, memory._obj.used = 80 << 30, 3 << 30
        return 0

    def nvmlDeviceGetPowerUsage(self, device: Any, power: Any) -> int:  # noqa: N802
        return 3  # not supported

    def nvmlDeviceGetUUID(self, device: Any, text: Any, length: ctypes.c_uint) -> int:  # noqa: N802
        text.value = b"GPU-1234"
        return 0

    def nvmlDeviceGetName(self, device: Any, text: Any, length: ctypes.c_uint) -> int:  # noqa: N802
        text.value = b"NVIDIA X"
        return 0


def test_nvml_is_asked_for_each_gpu() -> None:
    (gpu,) = NvmlReader(FakeNvml()).read()
    assert (gpu.index, gpu.uuid, gpu.name, gpu.memory_bytes) == (0, "GPU-1234", "NVIDIA X", 80 << 30)
    assert gpu.sample == {
        "gpu.utilization": 42.0,
        "gpu.temperature": 61.0,
        "gpu.memory.used": float(3 << 30),
        "gpu.memory.total": float(80 << 30),
    }


def test_a_line_of_nvidia_smi_is_read() -> None:
    gpu = parse_smi_line("1, GPU-abc, NVIDIA A100, 80GB, 97, 65, 1024, 81920, 301.55")
    assert (gpu.index, gpu.name, gpu.memory_bytes) == (1, "NVIDIA A100, 80GB", 81920 << 20)
    assert gpu.sample["gpu.memory.used"] == 1 << 30
    assert gpu.sample["gpu.power"] == 301.55
    assert parse_smi_line("0, GPU-a, X, [N/A], 40, [N/A], [N/A], [Not Supported]").sample == {"gpu.temperature": 40.0}


def test_nvidia_smi_answers_where_nvml_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> NvmlReader:
        raise OSError("no NVML")

    monkeypatch.setattr(_gpu, "open_nvml", missing)
    tool = tmp_path / "nvidia-smi"
    tool.write_text(
        "#!/bin/sh\necho '0, GPU-a, Tesla, 10, 40, 100, 1000, 70.0'\necho '1, GPU-b, Tesla, 90, 40, 100, 1000, 70.0'\n"
    )
    tool.chmod(tool.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    reader = open_gpus("1")
    assert isinstance(reader, SmiReader)
    assert [gpu.sample["gpu.utilization"] for gpu in choose_visible(reader.read(), "1")] == [90.0]
    tool.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    broken = open_gpus(None)
    assert isinstance(broken, Absence)
    assert broken.reason == "no NVML; nvidia-smi ended with code 9: NVIDIA-SMI has failed"


def test_no_gpu_is_a_state_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_gpus("") == Absence("CUDA_VISIBLE_DEVICES names no GPU")
    monkeypatch.setenv("PATH", "/nowhere")
    found = open_gpus(None)
    assert not isinstance(found, Absence) or found.reason
