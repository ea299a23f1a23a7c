"""What the host does: CPU, temperature, memory, disk, network, and this process. Linux from /proc and /sys, macOS from
its own tools. What a host cannot tell is left out."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import Callable, Optional, Protocol

from ._limits import TOOL_TIMEOUT_S
from ._tool import ToolError, run_tool

Sample = dict[str, float]
_SECTOR_BYTES = 512
_CPU_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "cputemp", "soc_thermal")
_CPU_ZONES = ("x86_pkg_temp", "cpu-thermal", "cpu_thermal", "cpu")
_NO_DISK = re.compile(r"^(loop|ram|zram|dm-|md|sr|fd|nbd)")
_NO_NETWORK = re.compile(r"^(lo$|veth|docker|br-|virbr|cni|flannel|cali)")


class HostReader(Protocol):
    """Reads one sample; rates are taken between two calls, so the first has none."""

    def read(self) -> Sample: ...

    def memory_bytes(self) -> Optional[int]: ...


def open_host(folder: str) -> HostReader:
    """The reader for this system. `folder`: whose disk is measured."""
    return MacReader(folder, _ask) if sys.platform == "darwin" else LinuxReader(folder, "/")


def host_name() -> str:
    """The name of this host, as it stands in the names of sources."""
    return (os.uname().nodename or "localhost")[:200]


def host_system() -> str:
    """Kernel and machine in words. (`platform.platform()` would run a program to find them.)"""
    system = os.uname()
    return f"{system.sysname} {system.release} {system.machine}"[:256]


class Rates:
    """Turns counters that only grow into amounts a second."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._before: dict[str, tuple[float, float]] = {}

    def take(self, name: str, counter: Optional[float]) -> Optional[float]:
        """Growth a second since the last call for `name`; None at first, and when the counter went back."""
        if counter is None:
            return None
        now = self._now()
        before = self._before.get(name)
        self._before[name] = (now, counter)
        if before is None or now <= before[0] or counter < before[1]:
            return None
        return (counter - before[1]) / (now - before[0])


class LinuxReader:
    """Reads /proc and /sys below `root`."""

    def __init__(self, folder: str, root: str, rates: Optional[Rates] = None) -> None:
        self._folder = folder
        self._root = root
        self._rates = rates or Rates()
        self._cpu_before: Optional[tuple[float, float]] = None
        self._temperature_file: Optional[str] = None
        self._temperature_sought = False

    def read(self) -> Sample:
        """One sample: see `hostResourceKeys` of the contract for names and units."""
        memory = self._memory()
        disk_read, disk_write = self._disk_bytes()
        received, sent = self._network_bytes()
        used, total = _disk_space(self._folder)
        return _drop_absent(
            {
                "cpu.utilization": self._cpu(),
                "cpu.temperature": self._temperature(),
                "memory.used": _difference(memory.get("MemTotal"), memory.get("MemAvailable")),
                "memory.total": memory.get("MemTotal"),
                "disk.used": used,
                "disk.total": total,
                "disk.read": self._rates.take("disk.read", disk_read),
                "disk.write": self._rates.take("disk.write", disk_write),
                "network.received": self._rates.take("network.received", received),
                "network.sent": self._rates.take("network.sent", sent),
                "process.cpu": _percent(self._rates.take("process.cpu", time.process_time())),
                "process.memory": self._process_bytes(),
            }
        )

    def memory_bytes(self) -> Optional[int]:
        """Memory of the host in bytes."""
        total = self._memory().get("MemTotal")
        return None if total is None else int(total)

    def _text(self, path: str) -> str:
        try:
            with open(os.path.join(self._root, path), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def _cpu(self) -> Optional[float]:
        fields = [float(word) for word in self._text("proc/stat").partition("\n")[0].split()[1:9]]
        if len(fields) < 5:
            return None
        busy, total = sum(fields) - fields[3] - fields[4], sum(fields)
        before, self._cpu_before = self._cpu_before, (busy, total)
        if before is None or total <= before[1]:
            return None
        return min(100.0, max(0.0, 100.0 * (busy - before[0]) / (total - before[1])))

    def _temperature(self) -> Optional[float]:
        if not self._temperature_sought:
            self._temperature_sought = True
            self._temperature_file = self._find_temperature()
        text = self._text(self._temperature_file).strip() if self._temperature_file else ""
        return float(text) / 1000.0 if re.fullmatch(r"-?\d+", text) else None

    def _find_temperature(self) -> Optional[str]:
        for chip in self._list("sys/class/hwmon"):
            if self._text(f"{chip}/name").strip() in _CPU_CHIPS:
                inputs = [path for path in self._list(chip) if re.search(r"temp\d+_input$", path)]
                # The package or die as a whole where it is named, else the first sensor.
                inputs.sort(key=lambda path: (not self._names_package(path), path))
                if inputs:
                    return inputs[0]
        for zone in self._list("sys/class/thermal"):
            if self._text(f"{zone}/type").strip() in _CPU_ZONES:
                return f"{zone}/temp"
        return None

    def _names_package(self, path: str) -> bool:
        return self._text(path.replace("_input", "_label")).strip().startswith(("Package", "Tctl", "Tdie"))

    def _list(self, folder: str) -> list[str]:
        try:
            return [f"{folder}/{name}" for name in sorted(os.listdir(os.path.join(self._root, folder)))]
        except OSError:
            return []

    def _memory(self) -> dict[str, float]:
        found = re.findall(r"^(MemTotal|MemAvailable):\s+(\d+) kB", self._text("proc/meminfo"), re.MULTILINE)
        return {name: float(kilobytes) * 1024 for name, kilobytes in found}

    def _disk_bytes(self) -> tuple[Optional[float], Optional[float]]:
        whole = {os.path.basename(path) for path in self._list("sys/block")}
        read = written = 0.0
        seen = False
        for line in self._text("proc/diskstats").splitlines():
            words = line.split()
            if len(words) >= 10 and words[2] in whole and not _NO_DISK.match(words[2]):
                seen = True
                read += float(words[5]) * _SECTOR_BYTES
                written += float(words[9]) * _SECTOR_BYTES
        return (read, written) if seen else (None, None)

    def _network_bytes(self) -> tuple[Optional[float], Optional[float]]:
        received = sent = 0.0
        seen = False
        for line in self._text("proc/net/dev").splitlines()[2:]:
            name, _, numbers = line.partition(":")
            words = numbers.split()
            if len(words) >= 9 and not _NO_NETWORK.match(name.strip()):
                seen = True
                received += float(words[0])
                sent += float(words[8])
        return (received, sent) if seen else (None, None)

    def _process_bytes(self) -> Optional[float]:
        words = self._text("proc/self/statm").split()
        return float(words[1]) * os.sysconf("SC_PAGE_SIZE") if len(words) > 1 else None


class MacReader:
    """Asks `sysctl`, `vm_stat` and `ps`; `run` gives their output, or an empty text."""

    def __init__(self, folder: str, run: Callable[[list[str]], str], rates: Optional[Rates] = None) -> None:
        self._folder = folder
        self._run = run
        self._rates = rates or Rates()
        self._total = self.memory_bytes()

    def read(self) -> Sample:
        """One sample. CPU is the sum over all processes as `ps` averages it; temperature and rates are not told."""
        used, total = _disk_space(self._folder)
        return _drop_absent(
            {
                "cpu.utilization": self._cpu(),
                "memory.used": self._memory_used(),
                "memory.total": None if self._total is None else float(self._total),
                "disk.used": used,
                "disk.total": total,
                "process.cpu": _percent(self._rates.take("process.cpu", time.process_time())),
                "process.memory": self._process_bytes(),
            }
        )

    def memory_bytes(self) -> Optional[int]:
        """Memory of the host in bytes."""
        text = self._run(["sysctl", "-n", "hw.memsize"]).strip()
        return int(text) if text.isdigit() else None

    def _cpu(self) -> Optional[float]:
        shares = re.findall(r"^\s*(\d+(?:[.,]\d+)?)\s*$", self._run(["ps", "-A", "-o", "%cpu="]), re.MULTILINE)
        if not shares:
            return None
        return min(100.0, sum(float(share.replace(",", ".")) for share in shares) / (os.cpu_count() or 1))

    def _memory_used(self) -> Optional[float]:
        text = self._run(["vm_stat"])
        page = re.search(r"page size of (\d+) bytes", text)
        pages = {name: float(count) for name, count in re.findall(r'^"?(.+?)"?:\s+(\d+)\.?$', text, re.MULTILINE)}
        if page is None or "Pages wired down" not in pages:
            return None
        names = ("Pages active", "Pages wired down", "Pages occupied by compressor")
        return float(page.group(1)) * sum(pages.get(name, 0.0) for name in names)

    def _process_bytes(self) -> Optional[float]:
        text = self._run(["ps", "-o", "rss=", "-p", str(os.getpid())]).strip()
        return float(text) * 1024 if text.isdigit() else None


def _ask(command: list[str]) -> str:
    try:
        return run_tool(command, TOOL_TIMEOUT_S)
    except ToolError:
        return ""


def _disk_space(folder: str) -> tuple[Optional[float], Optional[float]]:
    try:
        space = os.statvfs(folder)
    except OSError:
        return None, None
    return float((space.f_blocks - space.f_bfree) * space.f_frsize), float(space.f_blocks * space.f_frsize)


def _percent(share: Optional[float]) -> Optional[float]:
    return None if share is None else share * 100.0


def _difference(total: Optional[float], rest: Optional[float]) -> Optional[float]:
    return None if total is None or rest is None else total - rest


def _drop_absent(values: dict[str, Optional[float]]) -> Sample:
    return {key: value for key, value in values.items() if value is not None}
