"""A real server, as `pilothouse serve` runs it, for what only the two together can show."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any, Callable
from urllib.parse import quote

SOURCE = Path(__file__).parent.parent / "src"
PROGRAM = Path(__file__).parents[2] / "packages" / "app" / "bin" / "pilothouse"
LIMIT_S = 120.0


class ControlRoom:
    """Serves from `folder` until `close`; may be killed and started again on the same port."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.folder = folder
        self.port = 0
        self.url = ""
        self._arguments = arguments
        self._variables = variables
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it takes requests."""
        command = [str(PROGRAM), "serve", "--port", str(self.port), "--data", str(self.folder), *self._arguments]
        environ = {key: value for key, value in os.environ.items() if not key.startswith("PILOTHOUSE_")}
        environ |= self._variables
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("pilothouse ready "):
                self.url = line.split()[-1].rstrip("/")
                self.port = int(self.url.rsplit(":", 1)[1])
                return
        raise AssertionError("the server did not start")

    @property
    def is_down(self) -> bool:
        """True between `kill` and `start`."""
        return self._process is None

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def close(self) -> None:
        """Ends the server as Ctrl-C would."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=LIMIT_S)
            self._process = None

    def environment(self, folder: Path, **variables: str) -> dict[str, str]:
        """Variables of a script that reports here and keeps its data below `folder`."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("PILOTHOUSE_")}
        token = (self.folder / "report.token").read_text().strip()
        own = {"PILOTHOUSE_URL": self.url, "PILOTHOUSE_TOKEN": token, "PILOTHOUSE_DATA": str(folder / "data")}
        return {**plain, "PYTHONPATH": str(SOURCE), **own, **variables}

    def ask(self, path: str) -> Any:
        """The JSON that the server answers to a GET of an administrator."""
        return json.loads(self.read(path))

    def read(self, path: str) -> str:
        """What the server answers to a GET of an administrator."""
        return self._call("GET", path, None)

    def tell(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the server answers to a request of an administrator. Raises HTTPError."""
        return json.loads(self._call(method, path, json.dumps({} if body is None else body).encode()))

    def _call(self, method: str, path: str, body: bytes | None) -> str:
        token = (self.folder / "admin.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:  # noqa: S310
            return str(answer.read(), "utf-8")

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, whole, in the order in which they were made."""
        cards = sorted(json.loads(self.read("/api/jobs?limit=200"))["jobs"], key=lambda card: card["createdAt"])
        return [self.ask(f"/api/jobs/{card['uid']}") for card in cards]

    def points(self, uid: str, key: str, source: str = "job") -> list[dict[str, Any]]:
        """Step, value and time of each point of a metric, in order of arrival."""
        text = self.read(f"/api/jobs/{uid}/metrics/export?source={quote(source)}&key={quote(key)}&format=ndjson")
        return [json.loads(line) for line in text.splitlines() if line]

    def steps(self, uid: str, key: str) -> list[tuple[float, float]]:
        """Step and value of each point of a metric of the job itself, in order of arrival."""
        return [(point["step"], point["value"]) for point in self.points(uid, key)]

    def steps_of_branch(self, uid: str, key: str, branch: int) -> list[tuple[float, float]]:
        """The same of one branch, with what it goes on from, as far as it was sent until now."""
        text = self.read(f"/api/jobs/{uid}/metrics/export?key={quote(key)}&format=ndjson&branch={branch}")
        points = [json.loads(line) for line in text.splitlines() if line]
        return [(point["step"], point["value"]) for point in points]

    def lines(self, uid: str) -> list[str]:
        """What is in the log."""
        return self.read(f"/api/jobs/{uid}/logs/text").splitlines()

    def wait_for(self, condition: Callable[[], Any], what: str, limit_s: float = LIMIT_S) -> Any:
        """Waits for something that is true of the server, and gives it."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            found = condition()
            if found:
                return found
            threading.Event().wait(0.05)
        raise AssertionError(f"{what} did not come within {limit_s:g} s")
