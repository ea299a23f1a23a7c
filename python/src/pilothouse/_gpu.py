"""What the GPUs do: asked of NVML through ctypes, else of `nvidia-smi`. That there is no GPU is a state with a reason.

Only the GPUs named by CUDA_VISIBLE_DEVICES count; a number there is taken as NVML's own number of the GPU, as with
CUDA_DEVICE_ORDER=PCI_BUS_ID.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Protocol, Union

from ._limits import TOOL_TIMEOUT_S
from ._tool import run_tool

_MEGABYTE = 1024 * 1024
_QUERY = "index,uuid,name,utilization.gpu,temperature.gpu,memory.used,memory.total,power.draw"


@dataclass(frozen=True)
class Gpu:
    """One GPU and what it does now. A figure that it does not tell is missing in `sample`."""

    index: int
    uuid: str
    name: str
    memory_bytes: Optional[int]
    sample: Mapping[str, float]


class GpuReader(Protocol):
    """Reads all GPUs of the host."""

    def read(self) -> list[Gpu]: ...


@dataclass(frozen=True)
class Absence:
    """Why there are no GPU figures, in words."""

    reason: str


def open_gpus(visible: Optional[str]) -> Union[GpuReader, Absence]:
    """The way that works here to ask the GPUs. `visible`: CUDA_VISIBLE_DEVICES, or None when it is not set."""
    if visible is not None and visible.strip() in ("", "-1", "NoDevFiles"):
        return Absence("CUDA_VISIBLE_DEVICES names no GPU")
    reasons: list[str] = []
    for way in (open_nvml, open_smi):
        try:
            reader = way()
            if choose_visible(reader.read(), visible):
                return reader
            reasons.append("no GPU that this job may use")
        except Exception as error:  # driver, library or tool missing or broken
            reasons.append(str(error) or type(error).__name__)
    return Absence("; ".join(dict.fromkeys(reasons)))


def choose_visible(gpus: list[Gpu], visible: Optional[str]) -> list[Gpu]:
    """Those of `gpus` that CUDA_VISIBLE_DEVICES names, by number or by (the beginning of) their id."""
    if visible is None:
        return gpus
    chosen: list[Gpu] = []
    for word in (part.strip() for part in visible.split(",")):
        match = [gpu for gpu in gpus if (str(gpu.index) == word if word.isdigit() else word and gpu.uuid.startswith(word))]
        if word.startswith("MIG-"):  # an instance of some GPU: NVML tells no more without asking each
            return gpus
        if not match:
            break  # CUDA itself ignores all that follows an unknown name
        chosen.extend(match[:1])
    return chosen


class NvmlReader:
    """Speaks to the library of the driver. `library` has NVML's functions."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._call("nvmlInit_v2")

    def read(self) -> list[Gpu]:
        """All GPUs of the host."""
        count = ctypes.c_uint()
        self._call("nvmlDeviceGetCount_v2", ctypes.byref(count))
        return [self._read_one(index) for index in range(count.value)]

    def _read_one(self, index: int) -> Gpu:
        device = ctypes.c_void_p()
        self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(device))
        sample: dict[str, float] = {}
        rates, memory = _Utilization(), _Memory()
        temperature, power = ctypes.c_uint(), ctypes.c_uint()
        if self._try("nvmlDeviceGetUtilizationRates", device, ctypes.byref(rates)):
            sample["gpu.utilization"] = float(rates.gpu)
        if self._try("nvmlDeviceGetTemperature", device, ctypes.c_uint(0), ctypes.byref(temperature)):
            sample["gpu.temperature"] = float(temperature.value)
        total: Optional[int] = None
        if self._try("nvmlDeviceGetMemoryInfo", device, ctypes.byref(memory)):
            total = int(memory.total)
            sample["gpu.memory.used"] = float(memory.used)
            sample["gpu.memory.total"] = float(total)
        if self._try("nvmlDeviceGetPowerUsage", device, ctypes.byref(power)):
            sample["gpu.power"] = power.value / 1000.0  # milliwatts
        return Gpu(index, self._text("nvmlDeviceGetUUID", device), self._text("nvmlDeviceGetName", device), total, sample)

    def _text(self, function: str, device: ctypes.c_void_p) -> str:
        text = ctypes.create_string_buffer(96)
        return text.value.decode("utf-8", "replace") if self._try(function, device, text, ctypes.c_uint(96)) else ""

    def _try(self, function: str, *arguments: Any) -> bool:
        return int(getattr(self._library, function)(*arguments)) == 0

    def _call(self, function: str, *arguments: Any) -> None:
        code = int(getattr(self._library, function)(*arguments))
        if code != 0:
            raise OSError(f"NVML answered {function} with error {code}")


class _Utilization(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class SmiReader:
    """Runs `nvidia-smi`; `run` gives its output or raises OSError."""

    def __init__(self, run: Callable[[list[str]], str]) -> None:
        self._run = run

    def read(self) -> list[Gpu]:
        """All GPUs of the host."""
        text = self._run(["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"])
        return [parse_smi_line(line) for line in text.splitlines() if line.count(",") >= 7]


def parse_smi_line(line: str) -> Gpu:
    """One line of `nvidia-smi --format=csv,noheader,nounits`; «[N/A]» and the like are figures not told."""
    words = [word.strip() for word in line.split(",")]
    index, uuid, name, numbers = words[0], words[1], ", ".join(words[2:-5]), words[-5:]
    factors = (1.0, 1.0, _MEGABYTE, _MEGABYTE, 1.0)
    keys = ("gpu.utilization", "gpu.temperature", "gpu.memory.used", "gpu.memory.total", "gpu.power")
    sample = {key: float(word) * factor for key, word, factor in zip(keys, numbers, factors) if _is_number(word)}
    total = sample.get("gpu.memory.total")
    return Gpu(int(index), uuid, name, None if total is None else int(total), sample)


def open_nvml() -> NvmlReader:
    """NVML as the driver installs it. Raises OSError when it is not there."""
    for name in ("libnvidia-ml.so.1", "libnvidia-ml.so"):
        try:
            return NvmlReader(ctypes.CDLL(name))
        except OSError as error:
            missing = error
    raise OSError("the NVIDIA driver's library is not installed") from missing


def open_smi() -> SmiReader:
    """`nvidia-smi` from the path."""
    return SmiReader(_run_smi)


def _run_smi(command: list[str]) -> str:
    return run_tool(command, TOOL_TIMEOUT_S)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
