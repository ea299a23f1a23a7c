"""What a job tells beside metrics: alerts, artifacts, deployments, what its metrics mean."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import timedelta
from enum import Enum
from time import monotonic
from time import time as now
from typing import Any, Mapping, Optional, Sequence, Union

from . import _limits as limits
from ._artifact import ArtifactRecorder, describe_artifact
from ._definitions import Definitions, Metric, read_definition
from ._reporter import Reporter
from ._text import cut_text, hide_credentials
from ._warn import warn_once


class AlertLevel(str, Enum):
    """How urgent an alert is; the words `info`, `warning` and `error` do as well."""

    INFO = "info"
    WARN = "warning"
    WARNING = "warning"  # noqa: PIE796 - both words are known
    ERROR = "error"


_LEVELS = {"info": "info", "warn": "warning", "warning": "warning", "error": "error"}
_TITLES_MAX = 1_000


class Telling:
    """The part of `Job` that needs nothing but the reporter."""

    def __init__(self) -> None:
        self._reporter: Optional[Reporter] = None
        self._step = 0.0
        self._definitions = Definitions()
        self._artifacts: Optional[ArtifactRecorder] = None
        #: Title → when an alert of it may be told again, monotonic seconds; the titles used last.
        self._quiet_until: OrderedDict[str, float] = OrderedDict()
        self._telling = threading.Lock()

    def define_metric(
        self,
        name: Any,
        step_metric: Any = None,
        *,
        goal: Optional[str] = None,
        summary: Union[str, Sequence[str], None] = None,
        hidden: Optional[bool] = None,
        **other: Any,
    ) -> Metric:
        """Says what a metric means.

        name: its key, or a pattern in which «*» stands for any text.
        step_metric: key of the metric that it is drawn over instead of the step.
        goal: `minimize` or `maximize`: which way is better. The job's card shows the best value by it.
        summary: some of `min`, `max`, `mean`, `best`, `last`, `none`, as a list or with commas. The last value stands in
            the summary anyway, the others under `name.min` and so on; `none` leaves the metric out.

        Raises OptionError when there is no such goal or summary.
        """
        metric = read_definition(name, step_metric=step_metric, goal=goal, summary=summary, hidden=hidden)
        if any(value is not None for value in other.values()):
            warn_once("define-options", f"define_metric(): {', '.join(other)} have no meaning here and are left out.")
        if self._definitions.define(metric) and self._reporter is not None:
            self._reporter.extras.tell_field("metrics", self._definitions.to_wire)
        return metric

    def alert(
        self,
        title: str,
        text: str = "",
        level: Any = "info",
        wait_duration: Union[float, timedelta, None] = None,
    ) -> None:
        """Wants somebody to know something: it is shown in the page, and marked on the job.

        level: `info`, `warning` or `error`.
        wait_duration: seconds (60 by default) in which another alert of the same title is left out.
        """
        name = cut_text(str(title).strip(), limits.NAME_LENGTH_MAX) or "Alert"
        word = str(getattr(level, "value", level)).lower()
        if word not in _LEVELS:
            warn_once(
                f"alert:{word}", f"alert(): the level is «{word}», one of info, warning, error was expected; taken as info."
            )
        if self._reporter is None or self._is_quiet(name, _seconds_of(wait_duration)):
            return
        self._reporter.extras.tell_alert(
            {
                "title": name,
                "text": cut_text(str(text), limits.ALERT_TEXT_MAX),
                "level": _LEVELS.get(word, "info"),
                "at": now() * 1000.0,
                "step": self._step,
            }
        )

    def artifact(
        self,
        path_or_url: Any,
        name: Optional[str] = None,
        kind: str = "file",
        metadata: Optional[Mapping[str, Any]] = None,
        *,
        used: bool = False,
    ) -> None:
        """Records where a thing is that the job made (or `used`): nothing is copied or sent.

        path_or_url: a file, a folder, or an address such as `s3://bucket/model.pt`.
        name: what it is called; the same name again is its next version. By default the last part of the path.
        kind: model, dataset, checkpoint or file.
        metadata: anything worth knowing about it.

        Of files the size and the SHA-256 are recorded (up to 512 MB each, 2 GB in all), read in the background.
        Raises OptionError when there is no such kind.
        """
        direction = "input" if used else "output"
        event, path = describe_artifact(
            path_or_url, name=name, kind=kind, metadata=metadata, direction=direction, step=self._step
        )
        reporter = self._reporter
        if reporter is None:
            return
        with self._telling:
            if self._artifacts is None:
                self._artifacts = ArtifactRecorder(reporter.extras.tell_artifact)
        self._artifacts.record(event, path)

    def deployed(self, url: str, name: Optional[str] = None) -> None:
        """Says at which address the job's model answers now. Shown on the job's page."""
        address = hide_credentials(str(url).strip())
        if not address.lower().startswith(("http://", "https://")) or len(address) > limits.URI_LENGTH_MAX:
            warn_once(f"deployed:{address[:64]}", f"deployed(): «{address[:64]}» is no http or https address; left out.")
            return
        if self._reporter is not None:
            label = cut_text(str(name or "deployment"), limits.NAME_LENGTH_MAX)
            at = {"at": now() * 1000.0, "step": self._step}
            self._reporter.extras.tell_artifact(
                {"name": label, "kind": "deployment", "direction": "output", "uri": address, **at}
            )

    def _is_quiet(self, title: str, wait_s: float) -> bool:
        moment = monotonic()
        with self._telling:
            if self._quiet_until.get(title, 0.0) > moment:
                return True
            self._quiet_until[title] = moment + wait_s
            self._quiet_until.move_to_end(title)
            while len(self._quiet_until) > _TITLES_MAX:
                self._quiet_until.popitem(last=False)
            return False


def _seconds_of(duration: Union[float, timedelta, None]) -> float:
    if duration is None:
        return limits.ALERT_WAIT_S
    try:
        return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
    except (TypeError, ValueError):
        return limits.ALERT_WAIT_S
