"""The unmodified official Python client against a real server and a real engine, from upload to compared results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Iterator

import openai
import pytest
from control_room import ControlRoom

ENGINE = Path(__file__).parents[2] / "lab" / "engine"
ENDPOINT: Final = "/v1/chat/completions"
COUNT = 12


class Engine:
    """llama.cpp with a small model, a process of its own."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([sys.executable, str(ENGINE)], stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        ready, self.url, self.key, self.model = self._process.stdout.readline().split()
        assert ready == "ready"

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def engine(shared_room: ControlRoom) -> Iterator[Engine]:
    """A real engine that the server knows."""
    running = Engine()
    known = {"name": "lab", "baseUrl": running.url, "apiKey": running.key}
    assert shared_room.tell("POST", "/api/engines", known)["health"]["state"] == "healthy"
    yield running
    running.close()


@pytest.fixture
def client(shared_room: ControlRoom) -> openai.OpenAI:
    """The official client, told nothing but where the server is."""
    token = (shared_room.folder / "admin.token").read_text().strip()
    return openai.OpenAI(base_url=f"{shared_room.url}/v1", api_key=token)


def write_input(path: Path, model: str, count: int = COUNT) -> Path:
    """A request on each line; the third one is longer than the model's context."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, count + 1):
            content = "word " * 5_000 if number == 3 else f"Say the number {number}."
            messages = [{"role": "user", "content": content}]
            body = {"model": model, "messages": messages, "max_tokens": 6, "temperature": 0}
            line = {"custom_id": f"r{number}", "method": "POST", "url": ENDPOINT, "body": body}
            file.write(json.dumps(line) + "\n")
    return path


def wait_for_end(room: ControlRoom, client: openai.OpenAI, batch_id: str) -> Any:
    """The batch when nothing of it changes any more."""

    def read() -> Any:
        batch = client.batches.retrieve(batch_id)
        return batch if batch.status in ("completed", "failed", "expired", "cancelled") else None

    return room.wait_for(read, "the end of the batch")


def read_lines(client: openai.OpenAI, file_id: str | None) -> list[dict[str, Any]]:
    """What is in a file of results."""
    if file_id is None:
        return []
    return [json.loads(line) for line in client.files.content(file_id).text.splitlines()]


def submit(client: openai.OpenAI, path: Path, **more: Any) -> Any:
    """Uploads a file and makes a batch of it."""
    with path.open("rb") as file:
        uploaded = client.files.create(file=file, purpose="batch")
    return client.batches.create(input_file_id=uploaded.id, endpoint=ENDPOINT, completion_window="24h", **more)


def test_a_batch_goes_from_upload_to_compared_results(
    client: openai.OpenAI, engine: Engine, shared_room: ControlRoom, tmp_path: Path
) -> None:
    path = write_input(tmp_path / "questions.jsonl", engine.model)
    first = submit(client, path, metadata={"run": "first"})
    second = submit(client, path)
    assert (first.object, first.metadata, first.endpoint) == ("batch", {"run": "first"}, ENDPOINT)
    answers = []
    for batch in (wait_for_end(shared_room, client, first.id), wait_for_end(shared_room, client, second.id)):
        assert (batch.status, batch.model) == ("completed", engine.model)
        counts = batch.request_counts
        assert (counts.total, counts.completed, counts.failed) == (COUNT, COUNT - 1, 1)
        assert batch.usage.output_tokens >= COUNT - 1
        assert batch.usage.total_tokens == batch.usage.input_tokens + batch.usage.output_tokens
        output, errors = read_lines(client, batch.output_file_id), read_lines(client, batch.error_file_id)
        assert {line["custom_id"] for line in output} == {f"r{n}" for n in range(1, COUNT + 1) if n != 3}
        assert [line["custom_id"] for line in errors] == ["r3"]
        assert errors[0]["response"]["status_code"] == 400
        answers.append({line["custom_id"]: line["response"]["body"]["choices"][0]["message"]["content"] for line in output})
    assert answers[0].keys() == answers[1].keys()
    assert all(answers[0].values())


def test_lists_go_on_where_they_ended(client: openai.OpenAI, engine: Engine, shared_room: ControlRoom, tmp_path: Path) -> None:
    path = write_input(tmp_path / "few.jsonl", engine.model, 2)
    made = [submit(client, path).id for _ in range(3)]
    listed = [batch.id for batch in client.batches.list(limit=2)]
    assert listed[:3] == made[::-1]
    assert len(listed) == len(set(listed))
    for batch_id in made:
        wait_for_end(shared_room, client, batch_id)


def test_a_cancelled_batch_keeps_what_it_has(
    client: openai.OpenAI, engine: Engine, shared_room: ControlRoom, tmp_path: Path
) -> None:
    count = 300
    batch = submit(client, write_input(tmp_path / "many.jsonl", engine.model, count))

    def has_some() -> bool:
        counts = client.batches.retrieve(batch.id).request_counts
        return counts is not None and counts.completed >= 3

    shared_room.wait_for(has_some, "some answers")
    assert client.batches.cancel(batch.id).status in ("cancelling", "cancelled")
    ended = wait_for_end(shared_room, client, batch.id)
    assert ended.status == "cancelled"
    output, errors = read_lines(client, ended.output_file_id), read_lines(client, ended.error_file_id)
    ids = [line["custom_id"] for line in output + errors]
    assert (len(ids), len(set(ids))) == (count, count)
    assert sum((line["error"] or {}).get("code") == "batch_cancelled" for line in errors) > 0


def test_what_is_wrong_with_a_file_is_told_by_line(
    client: openai.OpenAI, engine: Engine, shared_room: ControlRoom, tmp_path: Path
) -> None:
    path = write_input(tmp_path / "wrong.jsonl", engine.model, 2)
    path.write_text(path.read_text() + '{"custom_id": "r1"\n')
    batch = wait_for_end(shared_room, client, submit(client, path).id)
    assert batch.status == "failed"
    assert [(error.code, error.line) for error in batch.errors.data] == [("invalid_json_line", 3)]


def test_refusals_arrive_as_the_errors_of_the_client(
    client: openai.OpenAI, engine: Engine, shared_room: ControlRoom, tmp_path: Path
) -> None:
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve("batch_" + "0" * 32)
    with pytest.raises(openai.BadRequestError):
        client.batches.create(input_file_id="file-1", endpoint=ENDPOINT, completion_window="24h")
    # llama.cpp answers whatever model is asked for, the server only for what its engines list.
    path = write_input(tmp_path / "unknown.jsonl", "a model that nobody has", 1)
    with pytest.raises(openai.InternalServerError, match="a model that nobody has"):
        submit(client, path)
