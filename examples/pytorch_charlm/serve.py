"""Answers requests with a model that train.py has saved, the way OpenAI's API does: completions and chats, also streamed.

python serve.py pytorch-charlm.pt                            at http://127.0.0.1:8000, for whoever asks
python serve.py pytorch-charlm.pt --port 8001 --key SECRET   for who has the key; or PILOTHOUSE_ENGINE_KEY=SECRET

A token is a character. The model knows no chats: the messages are put behind one another, and it goes on with them.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import torch
from train import CharacterModel

BODY_BYTES_MAX = 1 << 20
TOKENS_MAX = 4_096
TOKENS_DEFAULT = 64
CONTEXT_TOKENS = 512
"""Characters of a prompt that are read: the model forgets older ones anyway."""

Answer = Dict[str, Any]


class Refused(Exception):
    """What is wrong with a request; sent as OpenAI's API sends it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Writer:
    """A trained model, and the alphabet that it knows."""

    def __init__(self, path: Path) -> None:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.alphabet: List[str] = saved["alphabet"]
        self.numbers = {character: number for number, character in enumerate(self.alphabet)}
        weights = saved["weights"]
        width = weights["score.weight"].shape[1]
        layers = sum(name.startswith("recur.weight_hh_l") for name in weights)
        self.model = CharacterModel(len(self.alphabet), width, layers)
        self.model.load_state_dict(weights)
        self.model.eval()

    def encode(self, text: str) -> List[int]:
        return [self.numbers.get(character, 0) for character in text]

    @torch.no_grad()
    def write(self, prompt: List[int], count: int, temperature: float, seed: Optional[int]) -> Iterator[str]:
        """`count` characters, one after another; at temperature 0 always the likeliest one."""
        chance = torch.Generator()
        if seed is None:
            chance.seed()
        else:
            chance.manual_seed(seed)
        tokens, memory = torch.tensor([prompt[-CONTEXT_TOKENS:] or [0]]), None
        for _ in range(count):
            states, memory = self.model.recur(self.model.embed(tokens), memory)
            scores = self.model.score(states[0, -1])
            scores[0] = -torch.inf  # stands for what the alphabet does not have
            if temperature > 0:
                number = int(torch.multinomial(torch.softmax(scores / temperature, -1), 1, generator=chance))
            else:
                number = int(scores.argmax())
            tokens = torch.tensor([[number]])
            yield self.alphabet[number]


class Engine:
    """What answers: the model, its name, its key, and what it has done so far."""

    def __init__(self, writer: Writer, name: str, key: Optional[str]) -> None:
        self.writer = writer
        self.name = name
        self.key = key
        self.lock = threading.Lock()
        self.running = 0
        self.tokens = {"prompt": 0, "generation": 0}

    def describe(self) -> Answer:
        model = {"id": self.name, "object": "model", "created": 0, "owned_by": "pilothouse"}
        return {"object": "list", "data": [model]}

    def measure(self) -> str:
        """In the names of vLLM, which who watches engines knows."""
        lines = [f"vllm:num_requests_running {self.running}", "vllm:num_requests_waiting 0"]
        lines += [f"vllm:{name}_tokens_total {count}" for name, count in self.tokens.items()]
        return "\n".join(lines) + "\n"

    def begin(self, prompt: List[int]) -> None:
        with self.lock:
            self.running += 1
            self.tokens["prompt"] += len(prompt)

    def end(self, count: int) -> None:
        with self.lock:
            self.running -= 1
            self.tokens["generation"] += count


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    engine: Engine

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self.send(200, self.engine.measure().encode(), "text/plain; version=0.0.4")
        elif not self.is_allowed():
            self.refuse(Refused(401, "The key is not the one of this engine."))
        elif self.path == "/v1/models":
            self.send_json(200, self.engine.describe())
        else:
            self.refuse(Refused(404, f"There is no {self.path}."))

    def do_POST(self) -> None:
        try:
            body = self.read_body()
            if not self.is_allowed():
                raise Refused(401, "The key is not the one of this engine.")
            if self.path not in ("/v1/completions", "/v1/chat/completions"):
                raise Refused(404, f"There is no {self.path}.")
            self.complete(body, is_chat=self.path.startswith("/v1/chat"))
        except Refused as refused:
            self.refuse(refused)

    def is_allowed(self) -> bool:
        return self.engine.key is None or self.headers.get("Authorization") == f"Bearer {self.engine.key}"

    def read_body(self) -> Answer:
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            raise Refused(413, f"A request has a Content-Length of at most {BODY_BYTES_MAX} bytes.")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise Refused(400, "The request is no JSON.") from None
        if not isinstance(body, dict):
            raise Refused(400, "The request is no JSON object.")
        return body

    def complete(self, body: Answer, is_chat: bool) -> None:
        writer = self.engine.writer
        count, temperature, seed = read_options(body)
        if body.get("model") != self.engine.name:
            raise Refused(404, f"There is no model {body.get('model')!r}: this is {self.engine.name!r}.")
        prompt = writer.encode(read_chat(body) if is_chat else read_prompt(body))
        usage = {"prompt_tokens": len(prompt), "completion_tokens": count, "total_tokens": len(prompt) + count}
        name = "chat.completion" if is_chat else "text_completion"
        head = {"id": f"cmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": self.engine.name}
        self.engine.begin(prompt)
        try:
            pieces = writer.write(prompt, count, temperature, seed)
            if body.get("stream") is True:
                self.stream(pieces, {**head, "object": f"{name}.chunk" if is_chat else name}, is_chat, usage)
                return
            text = "".join(pieces)
        except ConnectionError:
            return  # nobody listens any more
        finally:
            self.engine.end(count)
        choice = {"message": {"role": "assistant", "content": text}} if is_chat else {"text": text}
        choices = [{"index": 0, **choice, "logprobs": None, "finish_reason": "length"}]
        self.send_json(200, {**head, "object": name, "choices": choices, "usage": usage})

    def stream(self, pieces: Iterator[str], head: Answer, is_chat: bool, usage: Answer) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for piece in pieces:
            part = {"delta": {"content": piece}} if is_chat else {"text": piece}
            self.send_event({**head, "choices": [{"index": 0, **part, "finish_reason": None}]})
        last: Answer = {"delta": {}} if is_chat else {"text": ""}
        self.send_event({**head, "choices": [{"index": 0, **last, "finish_reason": "length"}]})
        self.send_event({**head, "choices": [], "usage": usage})
        self.wfile.write(b"data: [DONE]\n\n")

    def send_event(self, event: Answer) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def refuse(self, refused: Refused) -> None:
        error = {"message": str(refused), "type": "invalid_request_error", "param": None, "code": None}
        self.send_json(refused.status, {"error": error})

    def send_json(self, status: int, answer: Answer) -> None:
        self.send(status, json.dumps(answer).encode(), "application/json")

    def send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Requests are not printed: there may be a million of them."""


def read_options(body: Answer) -> Tuple[int, float, Optional[int]]:
    """How many characters, how bold, and the seed of chance; @raise Refused."""
    count: Any = body.get("max_completion_tokens", body.get("max_tokens", TOKENS_DEFAULT))
    temperature: Any = body.get("temperature", 1.0)
    seed: Any = body.get("seed")
    # To Python, True is a number.
    if type(count) is not int or not 1 <= count <= TOKENS_MAX:
        raise Refused(400, f"max_tokens is a whole number from 1 to {TOKENS_MAX}.")
    if type(temperature) not in (int, float) or not 0 <= temperature <= 2:
        raise Refused(400, "temperature is a number from 0 to 2.")
    if seed is not None and type(seed) is not int:
        raise Refused(400, "seed is a whole number.")
    return count, float(temperature), seed


def read_prompt(body: Answer) -> str:
    prompt = body.get("prompt", "")
    if isinstance(prompt, str):
        return prompt
    raise Refused(400, "prompt is a text.")


def read_chat(body: Answer) -> str:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "messages is a list of messages.")
    contents = [message.get("content") if isinstance(message, dict) else None for message in messages]
    texts = [content for content in contents if isinstance(content, str)]
    if len(texts) < len(contents):
        raise Refused(400, "The content of each message is a text.")
    return "\n".join(texts) + "\n"


def main() -> None:
    """Loads, then answers until it is told to end."""
    parser = argparse.ArgumentParser(description="Serve a model of train.py by OpenAI's API")
    parser.add_argument("model", type=Path, help="what train.py has saved with --out")
    parser.add_argument("--name", default="charlm", help="what requests call the model")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--key", default=os.environ.get("PILOTHOUSE_ENGINE_KEY"), help="asked for as a bearer token")
    options = parser.parse_args()
    # One thread for each request: the model is too small to be split.
    torch.set_num_threads(1)
    Handler.engine = Engine(Writer(options.model), options.name, options.key)
    with ThreadingHTTPServer((options.host, options.port), Handler) as server:
        print(f"Serving {options.model} as {options.name} at http://{options.host}:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
