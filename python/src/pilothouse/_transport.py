"""One kept HTTP connection. Each call has a time limit; every fault of the network is one exception, `Unreachable`."""

from __future__ import annotations

# Loaded here and not by the first look-up of a name: a child forked while a thread loads it would never have it.
import encodings.idna  # noqa: F401
import http.client
import json
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional
from urllib.parse import urlsplit

from . import _limits as limits
from ._endpoint import Endpoint, NoServer

_ANSWER_BYTES_MAX = 1024 * 1024
# Not about the request itself: who asks, how often, or the state of the server. It may be taken later.
_LATER = (401, 403, 407, 408, 421, 423, 425, 429)
_BARE = ("kind", "name", "project", "createdAt", "attempt", "state")
_USER_AGENT = "pilothouse-python"


class Unreachable(Exception):
    """Raised when a call got no whole answer: it may or may not have been carried out."""


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: Mapping[str, Any]
    #: Seconds that the server asks to wait, if it does.
    retry_after_s: Optional[float] = None
    #: The body as it came.
    content: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_later(self) -> bool:
        """True when the same may be taken another time."""
        return self.status >= 500 or self.status in _LATER

    @property
    def reason(self) -> str:
        """What the server says went wrong, with its hint."""
        error = self.body.get("error")
        parts = [error.get("message"), error.get("hint")] if isinstance(error, dict) else []
        return " ".join(str(part) for part in (f"HTTP {self.status}:", *parts) if part)


def bare_body(create: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of the body that makes a job when the server does not take its details."""
    return {key: create[key] for key in _BARE if key in create}


class Transport:
    """Calls the server that `find` names. For one thread."""

    def __init__(self, find: Callable[[], Endpoint]) -> None:
        self._find = find
        self._endpoint: Optional[Endpoint] = None
        self._connection: Optional[http.client.HTTPConnection] = None

    def twin(self) -> Transport:
        """Another one to the same server, with a connection of its own: for another thread."""
        return Transport(self._find)

    @property
    def url(self) -> Optional[str]:
        """Address of the server: the one last spoken to, else where it is now. None when nobody knows."""
        try:
            return (self._endpoint or self._find()).url
        except NoServer:
            return None

    def call(self, method: str, path: str, body: bytes, content_type: str, timeout_s: Optional[float] = None) -> Answer:
        """Sends one request. A kept connection that the server closed meanwhile is opened anew, once.

        Raises Unreachable.
        """
        limit_s = limits.ANSWER_TIMEOUT_S if timeout_s is None else timeout_s
        kept = self._connection is not None
        try:
            return self._exchange(method, path, body, content_type, limit_s)
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            self.close()
            if not kept:
                raise Unreachable(_describe(error)) from error
        except (OSError, http.client.HTTPException, NoServer, ValueError) as error:
            self.close()
            raise Unreachable(_describe(error)) from error
        try:
            return self._exchange(method, path, body, content_type, limit_s)
        except (OSError, http.client.HTTPException, NoServer, ValueError) as error:
            self.close()
            raise Unreachable(_describe(error)) from error

    def close(self) -> None:
        """Closes the connection; the next call opens another and looks for the server anew."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def forget(self) -> None:
        """Lets go of the connection without closing it: after a fork it belongs to the parent."""
        self._connection = None

    def _exchange(self, method: str, path: str, body: bytes, content_type: str, timeout_s: float) -> Answer:
        connection = self._connection or self._open(timeout_s)
        assert self._endpoint is not None  # set by _open
        headers = {"Content-Type": content_type, "User-Agent": _USER_AGENT, "Accept": "application/json"}
        if self._endpoint.token:
            headers["Authorization"] = f"Bearer {self._endpoint.token}"
        if connection.sock is not None:
            connection.sock.settimeout(timeout_s)
        connection.request(method, urlsplit(self._endpoint.url).path + path, body, headers)
        response = connection.getresponse()
        content = response.read(_ANSWER_BYTES_MAX)
        if response.will_close or not response.isclosed():
            self.close()
        return Answer(response.status, _read_object(content), _read_seconds(response.getheader("Retry-After")), content)

    def _open(self, timeout_s: float) -> http.client.HTTPConnection:
        self._endpoint = self._find()
        parts = urlsplit(self._endpoint.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=min(timeout_s, limits.CONNECT_TIMEOUT_S))
        connection.connect()
        connection.sock.settimeout(timeout_s)
        self._connection = connection
        return connection


def _read_object(content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _read_seconds(text: Optional[str]) -> Optional[float]:
    return float(text) if text is not None and text.strip().isdigit() else None


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
