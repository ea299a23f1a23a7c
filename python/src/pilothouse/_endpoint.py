"""Where the server is and with which token to speak to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional
from urllib.parse import urlsplit

from ._settings import Settings

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NoServer(Exception):
    """Raised when nothing says where the server is; the message says where it was sought."""


@dataclass(frozen=True)
class Endpoint:
    """Address of a server, without a slash at its end, and the token for it."""

    url: str
    token: Optional[str] = field(repr=False)


def find_endpoint(settings: Settings) -> Endpoint:
    """Looks anew each time: a server that was started again may have another port.

    The token of the data folder goes to the server of that folder only, never to another address.
    Raises NoServer.
    """
    local = _read_local_url(settings.data_folder)
    url = settings.url or local
    if url is None:
        raise NoServer(f"PILOTHOUSE_URL is not set and there is no server.json in {settings.data_folder}")
    token = settings.token
    if token is None and settings.token_file is not None:
        token = _read_text(settings.token_file)
    if token is None and local is not None and _same_server(url, local):
        token = _read_text(settings.data_folder / "report.token")
    return Endpoint(url.rstrip("/"), token)


def find_api_endpoint(settings: Settings, url: Optional[str], token: Optional[str]) -> Endpoint:
    """The server to read from: with the admin's token of the data folder where that is the folder's own server.

    Raises NoServer.
    """
    local = _read_local_url(settings.data_folder)
    chosen = url or settings.url or local
    if chosen is None:
        raise NoServer(f"PILOTHOUSE_URL is not set and there is no server.json in {settings.data_folder}")
    found = token or settings.token
    if found is None and settings.token_file is not None:
        found = _read_text(settings.token_file)
    if found is None and local is not None and _same_server(chosen, local):
        found = _read_text(settings.data_folder / "admin.token")
    return Endpoint(chosen.rstrip("/"), found)


def _read_local_url(folder: Path) -> Optional[str]:
    text = _read_text(folder / "server.json")
    try:
        url = json.loads(text)["url"] if text else None
    except (ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None


def _read_text(path: Path) -> Optional[str]:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _same_server(url: str, other: str) -> bool:
    return _identity(url) == _identity(other)


def _identity(url: str) -> tuple[str, str, Optional[int]]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, "loopback" if host in _LOOPBACK else host, port
