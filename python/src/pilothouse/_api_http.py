"""Reading from the server: one request a call, errors in the server's own words."""

from __future__ import annotations

import http.client
import json
from typing import Any, Iterator, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import quote, urlencode, urlsplit

from ._endpoint import Endpoint
from ._errors import ApiError

_TIMEOUT_S = 60.0
_CHUNK_BYTES = 256 * 1024

#: Values of a query; a list repeats its name.
Query = Mapping[str, Union[str, float, bool, Sequence[Any], None]]


class ApiClient:
    """Sends requests with the token of `endpoint`. Each has a connection of its own, so it may be used by any thread."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def get(self, path: str, query: Optional[Query] = None) -> Any:
        """The JSON of an answer. Raises ApiError."""
        content, _ = self.get_bytes(path, query)
        try:
            return json.loads(content)
        except ValueError as error:
            raise ApiError(f"GET {path}: the answer is no JSON; is {self.endpoint.url} a pilothouse server?") from error

    def get_bytes(self, path: str, query: Optional[Query] = None) -> Tuple[bytes, str]:
        """The content of an answer, and its type. Raises ApiError."""
        with _Exchange(self.endpoint, path, query) as response:
            return response.read(), response.getheader("Content-Type") or ""

    def get_lines(self, path: str, query: Optional[Query] = None) -> Iterator[str]:
        """The lines of an answer as they arrive. Raises ApiError."""
        with _Exchange(self.endpoint, path, query) as response:
            rest = b""
            while block := response.read(_CHUNK_BYTES):
                *lines, rest = (rest + block).split(b"\n")
                yield from (line.decode("utf-8", "replace") for line in lines)
            if rest:
                yield rest.decode("utf-8", "replace")


class _Exchange:
    """One request; leaving it closes the connection. Every fault of the network is an ApiError."""

    def __init__(self, endpoint: Endpoint, path: str, query: Optional[Query]) -> None:
        self._endpoint = endpoint
        self._path = path + (f"?{urlencode(list(_pairs(query)))}" if query else "")
        self._connection: Optional[http.client.HTTPConnection] = None

    def __enter__(self) -> http.client.HTTPResponse:
        try:
            response = self._ask()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise ApiError(f"{self._endpoint.url} does not answer ({error or type(error).__name__}).") from error
        if response.status >= 300:
            content = response.read(64 * 1024)
            self.close()
            raise _refusal(response.status, content)
        return response

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.close()
        if isinstance(error, (OSError, http.client.HTTPException)):
            raise ApiError(f"{self._endpoint.url} broke off ({error or type(error).__name__}).") from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _ask(self) -> http.client.HTTPResponse:
        parts = urlsplit(self._endpoint.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
        headers = {"Accept": "application/json, */*", "User-Agent": "pilothouse-python"}
        if self._endpoint.token:
            headers["Authorization"] = f"Bearer {self._endpoint.token}"
        self._connection.request("GET", parts.path + self._path, headers=headers)
        return self._connection.getresponse()


def _refusal(status: int, content: bytes) -> ApiError:
    try:
        error = json.loads(content)["error"]
        return ApiError(str(error["message"]), status=status, code=error.get("code"), hint=error.get("hint"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiError(f"The server answered with status {status}.", status=status)


def _pairs(query: Query) -> Iterator[Tuple[str, str]]:
    for name, value in query.items():
        if value is None:
            continue
        for one in value if isinstance(value, (list, tuple, set)) else (value,):
            yield name, str(one).lower() if isinstance(one, bool) else str(one)


def path_of(uid: str, *rest: str) -> str:
    """A path below a job; a uid may hold anything here, the server says what it thinks of it."""
    return "/".join(("/api/jobs", quote(uid, safe=""), *rest))
