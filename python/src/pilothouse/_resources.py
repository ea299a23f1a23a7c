"""The sampler: a thread of its own that every two seconds puts what host and GPUs do beside the metrics."""

from __future__ import annotations

import os
import threading
import time
from typing import Any, Callable, Mapping, Optional, Union

from ._gpu import Absence, GpuReader, choose_visible, open_gpus
from ._host import HostReader, host_name, host_system, open_host
from ._limits import SAMPLE_S
from ._points import Row
from ._warn import warn_once


class Sampler:
    """Samples until `stop`. `put` takes the rows, `tell` takes changes to the job, `step` gives the script's last step."""

    def __init__(self, put: Callable[[Row], None], tell: Callable[[Mapping[str, Any]], None], step: Callable[[], float]) -> None:
        self._put = put
        self._tell = tell
        self._step = step
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pilothouse-sampler", daemon=True)

    def start(self, before: Callable[[], None]) -> None:
        """Begins. `before` runs first in the thread: what takes long and is wanted once."""
        self._before = before
        self._thread.start()

    def stop(self) -> None:
        """Asks the thread to end; does not wait for it."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            folder, visible = os.getcwd(), os.environ.get("CUDA_VISIBLE_DEVICES")
            name = host_name()
            host = open_host(folder)
            host.read()  # rates need a beginning
            gpus = open_gpus(visible)
            self._tell({"hardware": describe_hardware(name, host, gpus, visible)})
            self._before()
            while not self._stopped.wait(SAMPLE_S):
                self._sample(name, host, gpus, visible)
        except Exception as error:  # a host like none before must not take anything down
            warn_once("sampler", f"No resource figures any more: {type(error).__name__}: {error}")

    def _sample(self, name: str, host: HostReader, gpus: Union[GpuReader, Absence], visible: Optional[str]) -> None:
        step, at = self._step(), time.time()
        values = host.read()
        if values:
            self._put((f"host:{name}", step, at, None, values))
        if isinstance(gpus, Absence):
            return
        try:
            for gpu in choose_visible(gpus.read(), visible):
                if gpu.sample:
                    self._put((f"gpu:{name}/{gpu.index}", step, at, None, gpu.sample))
        except Exception as error:  # the driver may be reloaded under us; ask again next time
            warn_once("gpu", f"A GPU does not answer: {error}")


def describe_hardware(name: str, host: HostReader, gpus: Union[GpuReader, Absence], visible: Optional[str]) -> dict[str, Any]:
    """What the host has; without GPU figures, why."""
    found = [] if isinstance(gpus, Absence) else choose_visible(gpus.read(), visible)
    hardware: dict[str, Any] = {
        "host": name,
        "system": host_system(),
        "cpus": _count_cpus(),
        "gpus": [
            {"index": gpu.index, "name": gpu.name, **({} if gpu.memory_bytes is None else {"memoryBytes": gpu.memory_bytes})}
            for gpu in found
        ],
        "gpuAbsence": gpus.reason if isinstance(gpus, Absence) else None,
    }
    memory = host.memory_bytes()
    if memory is not None:
        hardware["memoryBytes"] = memory
    return hardware


def _count_cpus() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
