"""A small server that takes reports as the contract says and nothing else.

In a test it runs in a thread and waits are on its events. As a program (`python check_server.py --port P --records FILE`) it
can be killed: it writes each report to FILE before it answers, says `stored N` on stdout, and remembers FILE when started
again.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Optional

from wire import UID, WireFault, read_create, read_report, read_row

TOKEN = "a-token-of-the-test"  # noqa: S105 - not a secret
WAIT_S = 30.0


class CheckServer:
    """Keeps jobs and reports, each report once. `answer` may take over a request: it gives a status, or None."""

    def __init__(self, port: int = 0, records: Optional[Path] = None) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.reports: list[dict[str, Any]] = []
        self.repeats = 0
        #: Reports in each row that came.
        self.rows: list[int] = []
        self.faults: list[str] = []
        self.frames: list[bytes] = []
        #: Called with method and path before anything is read from the store.
        self.answer: Callable[[str, str], Optional[int]] = lambda method, path: None
        #: What the server says about the job's state.
        self.job_state = "running"
        self.attempt = 1
        #: The job that a claim leads to, when another process has made it.
        self.claimed: Optional[str] = None
        self.changed = threading.Condition()
        self._seen: set[tuple[str, int, str, int]] = set()
        self._records = records
        self._restore()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stops listening; connections that are open end with their client."""
        self._http.shutdown()
        self._http.server_close()

    def wait_for(self, condition: Callable[[CheckServer], Any], what: str = "the condition") -> Any:
        """Waits until `condition` gives something true, and gives that."""
        with self.changed:
            found = self.changed.wait_for(lambda: condition(self), WAIT_S)
        assert found, f"{what} did not come; faults: {self.faults}; reports: {self.reports[-3:]}"
        return found

    def put_job(self, uid: str, body: bytes) -> dict[str, Any]:
        """Makes or finds a job."""
        create = read_create(body)
        if not UID.fullmatch(uid):
            raise WireFault(f"uid {uid}")
        with self.changed:
            self.jobs.setdefault(uid, create)
            self._remember({"uid": uid, "create": create})
            self.changed.notify_all()
        number = create.get("attempt", {}).get("number", self.attempt)
        known = self.claimed or uid
        return {"uid": known, "attempt": number, "branch": 1, "page": f"/job/{known}", "serverTime": time.time() * 1000}

    def add_report(self, uid: str, frame: bytes) -> dict[str, Any]:
        """Stores a report, once."""
        report = read_report(frame)
        name = (uid, report["attempt"], report["writer"], report["number"])
        with self.changed:
            repeated = name in self._seen
            self.repeats += repeated
            if not repeated:
                self._seen.add(name)
                self.frames.append(frame)
                self._remember({"uid": uid, "report": report})
                self.reports.append({**report, "uid": uid})
            self.changed.notify_all()
        return {"number": report["number"], "repeated": repeated, "serverTime": time.time() * 1000, "state": self.job_state}

    def add_reports(self, uid: str, body: bytes) -> dict[str, Any]:
        """Stores a row of reports, each once; one that is wrong has an error for its answer and does not hold up the others."""
        frames = read_row(body)
        with self.changed:
            self.rows.append(len(frames))
        return {"answers": [self._answer_one(uid, frame) for frame in frames]}

    def _answer_one(self, uid: str, frame: bytes) -> dict[str, Any]:
        try:
            return self.add_report(uid, frame)
        except WireFault as fault:
            return {"error": {"code": "invalid", "message": str(fault), "hint": "See the contract."}}

    def _remember(self, record: dict[str, Any]) -> None:
        if self._records is not None:
            with self._records.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            print(f"stored {len(self._seen)}", flush=True)

    def _restore(self) -> None:
        for record in read_records(self._records) if self._records else ():
            if "create" in record:
                self.jobs[record["uid"]] = record["create"]
            else:
                report = record["report"]
                self._seen.add((record["uid"], report["attempt"], report["writer"], report["number"]))
                self.reports.append({**report, "uid": record["uid"]})


def read_records(path: Path) -> list[dict[str, Any]]:
    """What a killed server had stored; a torn last line was never answered."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def rows_of(reports: list[dict[str, Any]], key: str, source: str = "job") -> list[tuple[float, float]]:
    """Step and value of each point of `key`, in order of arrival."""
    rows: list[tuple[float, float]] = []
    for report in reports:
        for block in report["points"]:
            if block["source"] == source and key in block["keys"]:
                rows.extend(zip(block["steps"], block["values"][block["keys"].index(key)]))
    return rows


def lines_of(reports: list[dict[str, Any]], stream: str = "stdout") -> list[str]:
    """All lines of a stream."""
    return [line for report in reports for log in report.get("logs", []) if log["stream"] == stream for line in log["lines"]]


def end_of(reports: list[dict[str, Any]]) -> Optional[dict[str, Any]]:
    """The last state that was told."""
    states = [report["state"] for report in reports if "state" in report]
    assert len(states) < 2, "the end was told twice"
    return states[-1] if states else None


def _handler_of(server: CheckServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_PUT(self) -> None:
            self._serve("PUT", "application/json", server.put_job, "")

        def do_POST(self) -> None:
            if self.path.endswith("/many"):
                self._serve("POST", "application/x-pilothouse-frames", server.add_reports, "/reports/many")
            else:
                self._serve("POST", "application/x-pilothouse-frame", server.add_report, "/reports")

        def _serve(self, method: str, kind: str, act: Callable[[str, bytes], dict[str, Any]], suffix: str) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = server.answer(method, self.path)
            if status is not None:
                self._send(status, {"error": {"code": "internal", "message": "As the test wants it.", "hint": "None."}})
                return
            uid = self.path[len("/api/jobs/") : len(self.path) - len(suffix)]
            try:
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self._send(401, {"error": {"code": "unauthenticated", "message": "No.", "hint": "Send a token."}})
                    return
                if self.headers["Content-Type"] != kind or not self.path.endswith(suffix):
                    raise WireFault(f"{self.headers['Content-Type']} at {self.path}")
                self._send(200, act(uid, body))
            except ConnectionAbortedError:  # a test wants no answer
                self.close_connection = True
            except Exception as fault:
                with server.changed:
                    server.faults.append(f"{method} {self.path}: {type(fault).__name__}: {fault}")
                    server.changed.notify_all()
                self._send(400, {"error": {"code": "invalid", "message": str(fault), "hint": "See the contract."}})

        def _send(self, status: int, value: dict[str, Any]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            try:
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):  # the script was killed meanwhile
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base
            pass

    return Handler


def main() -> None:
    """Serves until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--records", type=Path, required=True)
    options = parser.parse_args()
    server = CheckServer(options.port, options.records)
    print(f"ready {server.port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
