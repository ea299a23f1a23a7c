"""What waits to be told beside metrics, lines and stages: samples, artifacts, alerts, and fields of the job."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Callable, Iterable

from . import _limits as limits
from ._sample import SampleEvent
from ._warn import warn_once


class Extras:
    """Takes from any thread; the reporter takes it out. Every part has its bound."""

    def __init__(self) -> None:
        self._samples: list[SampleEvent] = []
        self._sample_bytes = 0
        self._lock = threading.Lock()
        self._artifacts: deque[dict[str, Any]] = deque(maxlen=limits.ARTIFACTS_WAITING_MAX)
        self._alerts: deque[dict[str, Any]] = deque(maxlen=limits.ALERTS_WAITING_MAX)
        self._steering: deque[tuple[str, Any]] = deque(maxlen=limits.STEERING_WAITING_MAX)
        #: Field of the job → what makes its newest value, asked once when it is told.
        self._fields: dict[str, Callable[[], Any]] = {}

    def tell_field(self, name: str, make: Callable[[], Any]) -> None:
        """A field of the job changed; `make` gives its value when it is told, however often it changed until then."""
        self._fields[name] = make

    def tell_samples(self, events: Iterable[SampleEvent]) -> None:
        """Takes samples; beyond the bound they are left out."""
        for event, size in events:
            with self._lock:
                if self._sample_bytes + size > limits.SAMPLES_WAITING_BYTES_MAX:
                    megabytes = limits.SAMPLES_WAITING_BYTES_MAX >> 20
                    warn_once("samples", f"More than {megabytes} MB of samples wait to be sent; what comes now is left out.")
                    return
                self._sample_bytes += size
                self._samples.append((event, size))

    def tell_artifact(self, event: dict[str, Any]) -> None:
        """Takes an artifact."""
        self._artifacts.append(event)

    def tell_alert(self, event: dict[str, Any]) -> None:
        """Takes an alert."""
        self._alerts.append(event)

    def tell_steering(self, part: str, event: Any) -> None:
        """Takes an event of steering: `controls`, `outcomes`, `changes`, `checkpoints`, `fates` or `fork`."""
        self._steering.append((part, event))

    def take_steering(self) -> dict[str, Any]:
        """What waits of it, as one report has it: what is beyond a report's bound waits for the next."""
        told: dict[str, Any] = {}
        for _ in range(min(len(self._steering), limits.STEERING_EVENTS_MAX)):
            part, event = self._steering.popleft()
            if part in ("controls", "fork"):
                told[part] = event
            else:
                told.setdefault(part, []).append(event)
        return told

    def take_fields(self) -> dict[str, Any]:
        """The fields that changed, as they are now."""
        return {name: self._fields.pop(name)() for name in tuple(self._fields)}

    def take_samples(self) -> list[SampleEvent]:
        """All samples that wait."""
        with self._lock:
            samples, self._samples, self._sample_bytes = self._samples, [], 0
        return samples

    def take_artifacts(self) -> list[dict[str, Any]]:
        """All artifacts that wait."""
        return [self._artifacts.popleft() for _ in range(len(self._artifacts))]

    def take_alerts(self) -> list[dict[str, Any]]:
        """All alerts that wait."""
        return [self._alerts.popleft() for _ in range(len(self._alerts))]
