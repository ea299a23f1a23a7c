"""The example that serves a model of its own training, asked as clients of OpenAI's API ask."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "pytorch_charlm"
KEY = "sk-of-the-test"
VERSE = "green bottles hanging on the wall, and if one green bottle should fall\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Trained for a few steps, then served on a port that was free."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("served")
    (folder / "text").mkdir()
    (folder / "text" / "verses.txt").write_text(VERSE * 400)
    sizes = ("--steps", "30", "--batch", "8", "--length", "32", "--width", "32", "--layers", "2")
    train = [sys.executable, str(EXAMPLE / "train.py"), "--text", str(folder / "text"), "--out", str(folder / "a model.pt")]
    source = str(Path(__file__).parents[1] / "src")
    environment = {"PYTHONPATH": source, "PILOTHOUSE_MODE": "disabled", "OMP_NUM_THREADS": "1"}
    subprocess.run([*train, *sizes], check=True, env=environment, stdout=subprocess.DEVNULL, timeout=240)
    serve = [sys.executable, str(EXAMPLE / "serve.py"), str(folder / "a model.pt"), "--name", "bottles", "--port", "0"]
    variables = {**environment, "PILOTHOUSE_ENGINE_KEY": KEY}
    with subprocess.Popen(serve, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # it is a pipe
        line = process.stdout.readline()
        assert "Serving" in line
        yield line.split(" at ")[-1].strip()
        process.terminate()


def ask(url: str, body: Optional[Dict[str, Any]] = None, key: str = KEY) -> Tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {key}"})  # noqa: S310 - our own engine
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def read(url: str, body: Dict[str, Any]) -> Dict[str, Any]:
    status, text = ask(url, body)
    assert status == 200, text
    answer: Dict[str, Any] = json.loads(text)
    return answer


def read_events(text: str) -> List[Dict[str, Any]]:
    lines = [line[len("data: ") :] for line in text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def test_its_model_is_listed_to_who_has_the_key(url: str) -> None:
    status, text = ask(f"{url}/v1/models")
    assert (status, [model["id"] for model in json.loads(text)["data"]]) == (200, ["bottles"])
    assert ask(f"{url}/v1/models", key="sk-another")[0] == 401
    assert ask(f"{url}/v1/completions", {"model": "bottles"}, key="sk-another")[0] == 401


def test_a_completion_goes_on_with_what_was_learnt_and_counts_its_tokens(url: str) -> None:
    asked = {"model": "bottles", "prompt": "green bott", "max_tokens": 40, "temperature": 0.5, "seed": 7}
    first, again = (read(f"{url}/v1/completions", asked) for _ in range(2))
    text = first["choices"][0]["text"]
    assert len(text) == 40
    assert set(text) <= set(VERSE)
    assert again["choices"] == first["choices"]
    assert first["usage"] == {"prompt_tokens": 10, "completion_tokens": 40, "total_tokens": 50}


def test_a_chat_is_answered_by_the_assistant(url: str) -> None:
    messages = [{"role": "system", "content": "Sing."}, {"role": "user", "content": "green"}]
    answer = read(f"{url}/v1/chat/completions", {"model": "bottles", "messages": messages, "max_tokens": 5})
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["role"] == "assistant"
    assert len(answer["choices"][0]["message"]["content"]) == 5


def test_a_stream_has_the_same_text_in_pieces_and_its_usage_last(url: str) -> None:
    asked = {"model": "bottles", "prompt": "green", "max_tokens": 20, "temperature": 0}
    whole = read(f"{url}/v1/completions", asked)
    events = read_events(ask(f"{url}/v1/completions", {**asked, "stream": True})[1])
    assert "".join(choice["text"] for event in events for choice in event["choices"]) == whole["choices"][0]["text"]
    assert events[-2]["choices"][0]["finish_reason"] == "length"
    assert (events[-1]["choices"], events[-1]["usage"]) == ([], whole["usage"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/completions", {"model": "another", "prompt": "a"}, 404),
        ("/v1/completions", {"model": "bottles", "prompt": "a", "max_tokens": 0}, 400),
        ("/v1/completions", {"model": "bottles", "prompt": ["a"]}, 400),
        ("/v1/chat/completions", {"model": "bottles", "messages": []}, 400),
        ("/v1/embeddings", {"model": "bottles", "input": "a"}, 404),
    ],
)
def test_what_it_cannot_do_is_refused_in_words(url: str, path: str, body: Dict[str, Any], status: int) -> None:
    refused, text = ask(f"{url}{path}", body)
    assert refused == status
    assert json.loads(text)["error"]["message"]


def test_it_tells_how_much_it_has_done(url: str) -> None:
    read(f"{url}/v1/completions", {"model": "bottles", "prompt": "ab", "max_tokens": 3})
    status, text = ask(f"{url}/metrics")
    counts = dict(line.split(" ") for line in text.splitlines())
    assert (status, counts["vllm:num_requests_running"]) == (200, "0")
    assert int(counts["vllm:generation_tokens_total"]) >= 3
