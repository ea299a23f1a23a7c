"""Reading back what jobs reported: `pilothouse.api().jobs(project="mnist")`, `.job(uid).history(["loss"])`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from ._api_http import ApiClient, path_of
from ._endpoint import NoServer, find_api_endpoint
from ._errors import ApiError
from ._history import Column, History, join_history, read_number
from ._settings import read_settings

_PAGE = 200
_AXES = ("step", "epoch", "relative", "wall")


def api(url: Optional[str] = None, token: Optional[str] = None) -> Api:
    """The server, to be read from.

    url: its address; by default PILOTHOUSE_URL, else the server that runs on this machine.
    token: one that may see training; by default PILOTHOUSE_TOKEN (or PILOTHOUSE_TOKEN_FILE), else, for the server of this
        machine, the admin's.

    Asks nothing yet. Raises ApiError when nothing says where the server is.
    """
    settings = read_settings(os.environ)
    try:
        return Api(ApiClient(find_api_endpoint(settings, url, token)))
    except NoServer as error:
        raise ApiError(f"{error}.", hint="Give the address: pilothouse.api(url=…).") from error


class Api:
    """The server, to be read from. Every method raises ApiError when the server does not answer or refuses."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"Api({self._client.endpoint.url!r})"

    def jobs(self, search: Optional[str] = None, *, limit: Optional[int] = None, **filters: Any) -> Iterator[JobView]:
        """Jobs that match, newest first, fetched page by page as they are asked for.

        search: conditions and words, as in the search field of the page: `"status:failed loss<2 config.lr>=1e-4 tag:llama"`
            (docs/search.md). Words must stand in name, model, dataset, project, group, tags or uid.
        limit: at most so many; all by default.
        filters: `state`, `kind`, `project`, `target`, `tag`, `group`, `job_type`, `owner` (one value or a list of which one
            must match), `since` and `until` (ms since 1970), `sort` (created, name, state, duration, heard …, or a
            value as metric:loss, min:loss, config:lr), `order` (asc, desc), `archived` (yes, any).
        """
        query: Dict[str, Any] = {"jobType" if name == "job_type" else name: value for name, value in filters.items()}
        left = sys.maxsize if limit is None else limit
        cursor: Optional[str] = None
        while left > 0:
            page = self._client.get("/api/jobs", {**query, "search": search, "limit": min(left, _PAGE), "cursor": cursor})
            for card in page["jobs"]:
                yield JobView(self._client, card["uid"], card)
            left -= len(page["jobs"])
            cursor = page["next"]
            if cursor is None:
                return

    def job(self, uid: str) -> JobView:
        """One job. Raises ApiError (status 404) when there is none."""
        return JobView(self._client, uid, self._client.get(path_of(uid)), whole=True)

    def alerts(
        self, job: Optional[str] = None, *, level: Union[str, Sequence[str], None] = None, limit: int = 50
    ) -> List[Dict[str, Any]]:
        """The newest alerts, newest first: dictionaries with `title`, `text`, `level`, `job`, `step`, `time` (ms)."""
        found: List[Dict[str, Any]] = self._client.get("/api/alerts", {"job": job, "level": level, "limit": limit})["alerts"]
        return found


class JobView:
    """A job as the server has it. What was fetched stays until `refresh()`."""

    def __init__(self, client: ApiClient, uid: str, known: Mapping[str, Any], *, whole: bool = False) -> None:
        self.uid = uid
        self._client = client
        self._known = dict(known)
        self._whole = whole

    def __repr__(self) -> str:
        return f"JobView({self.uid!r}, name={self.name!r}, state={self.state!r})"

    def refresh(self) -> JobView:
        """Fetches the job anew; returns itself."""
        self._known, self._whole = dict(self._client.get(path_of(self.uid))), True
        return self

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._known["name"])

    @property
    def project(self) -> str:
        """The project it belongs to."""
        return str(self._known["project"])

    @property
    def state(self) -> str:
        """queued, submitting, pending, running, paused, completed, failed, cancelled or lost."""
        return str(self._known["state"])

    @property
    def tags(self) -> List[str]:
        """Its tags."""
        return list(self._known["tags"])

    @property
    def group(self) -> Optional[str]:
        """The group it belongs to."""
        return self._known.get("group")

    @property
    def url(self) -> str:
        """Address of its page."""
        return f"{self._client.endpoint.url}/job/{self.uid}"

    @property
    def config(self) -> Dict[str, Any]:
        """Its configuration, nested as the script had it."""
        return dict(self._detail("config"))

    @property
    def summary(self) -> Dict[str, Any]:
        """What the script set, and the last value of each metric (of a job that ended; of one that runs see `latest`)."""
        return dict(self._detail("summary"))

    @property
    def artifacts(self) -> List[Dict[str, Any]]:
        """Where things are that it made or used: dictionaries with `name`, `version`, `kind`, `uri`, `bytes`, `sha256` …"""
        return list(self._detail("artifacts"))

    @property
    def details(self) -> Dict[str, Any]:
        """Everything about it, as `GET /api/jobs/{uid}` answers. Times are ms since 1970."""
        self._detail("config")
        return dict(self._known)

    def latest(self) -> Dict[str, float]:
        """The newest value of each metric of the job itself."""
        metrics = self._client.get(path_of(self.uid, "metrics", "latest"))["metrics"]
        return {metric["key"]: read_number(metric["value"]) for metric in metrics}

    def history(
        self, keys: Union[str, Sequence[str], None] = None, *, points: int = 500, samples: Optional[int] = None, x: str = "step"
    ) -> History:
        """Its metrics, thinned to at most `points` rows a metric (`samples` is the same).

        keys: which metrics; all by default.
        x: `step`, `epoch`, `relative` (ms since its start), `wall` (ms since 1970), or the key of a metric: then its value
            at the same step, or at the last one before.

        A list of dictionaries, one for each x, with `x` under its own name and NaN where a metric has no point;
        `.columns()` and `.to_pandas()` give the same in other forms. Each value is the last one of its bucket; for every
        single point see `scan_history`.
        """
        wanted = [keys] if isinstance(keys, str) else None if keys is None else list(keys)
        axis = x if x in _AXES else "step"
        asked = wanted if axis == x or wanted is None else [*wanted, x]
        query = {"key": asked, "points": samples or points, "x": axis}
        series = self._client.get(path_of(self.uid, "metrics"), query)["series"]
        columns = [
            Column(one["key"], [read_number(v) for v in one["xLast"]], [read_number(v) for v in one["last"]]) for one in series
        ]
        return join_history(columns, axis, None if axis == x else x)

    def scan_history(self, keys: Union[str, Sequence[str], None] = None) -> Iterator[Dict[str, Any]]:
        """Every single point, in order of arrival: dictionaries with `key`, `step`, `epoch`, `time` (ms since 1970), `value`,
        `source` and `branch`. Fetched as they are asked for."""
        query = {"key": [keys] if isinstance(keys, str) else keys, "format": "ndjson"}
        for line in self._client.get_lines(path_of(self.uid, "metrics", "export"), query):
            if line:
                point: Dict[str, Any] = json.loads(line)
                point["value"] = read_number(point["value"])
                yield point

    def logs(self, attempt: Optional[int] = None) -> Iterator[str]:
        """The lines that it printed, of the current attempt or another one."""
        return self._client.get_lines(path_of(self.uid, "logs", "text"), {"attempt": attempt})

    def sample_keys(self) -> List[Dict[str, Any]]:
        """What samples it has: dictionaries with `key`, `kinds`, `count`, `steps` …"""
        keys: List[Dict[str, Any]] = self._client.get(path_of(self.uid, "samples", "keys"))["keys"]
        return keys

    def samples(self, key: Optional[str] = None, *, step: Optional[float] = None) -> Iterator[SampleView]:
        """Its samples in the order of their steps, fetched page by page.

        key: of that key only.
        step: what was logged last at or before this step (for each key), else what was logged first.
        """
        cursor: Optional[str] = None
        while True:
            page = self._client.get(path_of(self.uid, "samples"), {"key": key, "step": step, "limit": _PAGE, "cursor": cursor})
            for one in page["samples"]:
                yield SampleView(self._client, one)
            cursor = page["next"]
            if cursor is None:
                return

    def _detail(self, name: str) -> Any:
        if not self._whole:
            self.refresh()
        return self._known[name]


class SampleView:
    """One sample: an image, a table, a histogram or a text."""

    def __init__(self, client: ApiClient, known: Mapping[str, Any]) -> None:
        self._client = client
        self._known = dict(known)
        self.key: str = known["key"]
        self.kind: str = known["kind"]
        self.step: float = known["step"]
        self.epoch: Optional[float] = known["epoch"]
        self.caption: Optional[str] = known["caption"]
        self.index: int = known["index"]
        #: Media type of the content, and its size in bytes.
        self.type: str = known["type"]
        self.bytes: int = known["bytes"]

    def __repr__(self) -> str:
        return f"SampleView({self.key!r}, kind={self.kind!r}, step={self.step!r})"

    def content(self) -> bytes:
        """The content: an image file, or the body as JSON. Raises ApiError."""
        return self._client.get_bytes(self._known["content"])[0]

    def body(self) -> Dict[str, Any]:
        """Of a table `columns` and `rows`; of a histogram `counts` and `edges`; of a text `prompt`, `output` and `fields`.

        Raises ApiError for an image, which has a content only.
        """
        if self.kind == "image":
            raise ApiError("An image has no body; its file is content().")
        known = self._known["body"]
        body: Dict[str, Any] = known if known is not None else json.loads(self.content())
        return body
