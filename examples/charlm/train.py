"""A language model over characters in plain Python, trained on Python's own library (or any folder of text).

The model is log-linear: the last one to five characters each choose a row of weights (one weight for each character
that may follow), the rows are summed, and softmax makes probabilities of the sums. Training is stochastic gradient
descent on cross-entropy, one character at a time; the gradient for all five rows is the same, probabilities minus truth.

    python train.py                      about four minutes, reported to the pilothouse server that runs here
    python train.py --text ~/books       other text
    python train.py --steps 200          a short try
    PILOTHOUSE_MODE=offline python train.py
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from operator import add, sub
from pathlib import Path
from typing import Iterator, Sequence

import pilothouse

ORDERS = 5
"""How many characters of the past the model sees."""
ROWS_MAX = 8192
"""Rows for each order; longer pasts share rows by hash."""
VOCABULARY_MAX = 80
WINDOW = 32
WINDOWS_PER_STEP = 8
TOKENS_PER_STEP = WINDOW * WINDOWS_PER_STEP
VALIDATION_TOKENS = 4096
"""Looked at every few seconds, from all over the text kept aside."""
CHECK_SECONDS = 5.0
LEARNING_RATE = 0.35
LEARNING_RATE_END = 0.02
SKIPPED = {"test", "tests", "site-packages", "encodings", "pydoc_data"}
"""Folders of Python's library that hold little to learn from: tables and tests."""
UNKNOWN = "\ufffd"


@dataclass
class Score:
    """Sums over the characters predicted so far."""

    loss: float = 0.0
    hits: int = 0
    squares: float = 0.0
    count: int = 0

    def add(self, chances: Sequence[float], truth: int) -> None:
        """Takes one more prediction, and what came."""
        self.loss -= math.log(max(chances[truth], 1e-12))
        self.hits += chances[truth] >= max(chances)
        self.count += 1

    @property
    def mean_loss(self) -> float:
        return self.loss / max(1, self.count)

    @property
    def accuracy(self) -> float:
        return self.hits / max(1, self.count)

    @property
    def gradient_norm(self) -> float:
        """Root mean square over the characters of the norm of each one's gradient."""
        return math.sqrt(ORDERS * self.squares / max(1, self.count))


class CharacterModel:
    """One table of rows for each order; a row is made when its past is first seen."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.tables: list[dict[int, list[float]]] = [{} for _ in range(ORDERS)]

    def rows(self, past: Sequence[int]) -> list[list[float]]:
        """The rows that the last characters choose, the shortest past first. `past` has at least ORDERS characters."""
        chosen = []
        name = 0
        for order, table in enumerate(self.tables, 1):
            name = (name * 8191 + past[-order] + 1) % 2_147_483_647
            slot = name % ROWS_MAX
            row = table.get(slot)
            if row is None:
                row = table[slot] = [0.0] * self.size
            chosen.append(row)
        return chosen

    def probabilities(self, rows: Sequence[list[float]], sharpness: float = 1.0) -> list[float]:
        """Softmax of the summed rows."""
        sums: list[float] = rows[0]
        for row in rows[1:]:
            sums = list(map(add, sums, row))
        top = max(sums)
        powers = [math.exp((value - top) * sharpness) for value in sums]
        scale = 1.0 / sum(powers)
        return [power * scale for power in powers]

    def learn(self, tokens: Sequence[int], starts: Sequence[int], rate: float) -> Score:
        """One step: predicts the characters of each window one after another and moves the weights after each."""
        score = Score()
        for at in positions(starts):
            rows = self.rows(tokens[at - ORDERS : at])
            chances = self.probabilities(rows)
            truth = tokens[at]
            score.add(chances, truth)
            chances[truth] -= 1.0  # now the gradient by the sums
            score.squares += sum([part * part for part in chances])
            step = [rate * part for part in chances]
            for row in rows:
                row[:] = map(sub, row, step)
        return score

    def score(self, tokens: Sequence[int], starts: Sequence[int]) -> Score:
        """Predicts the characters of each window and learns nothing."""
        score = Score()
        for at in positions(starts):
            score.add(self.probabilities(self.rows(tokens[at - ORDERS : at])), tokens[at])
        return score

    def write(self, past: Sequence[int], length: int, chance: random.Random) -> list[int]:
        """Goes on after `past` with `length` characters drawn by their probabilities, a little sharpened."""
        written = list(past[-ORDERS:])
        for _ in range(length):
            chances = self.probabilities(self.rows(written), sharpness=1.25)
            written.append(chance.choices(range(self.size), chances)[0])
        return written[ORDERS:]


def positions(starts: Sequence[int]) -> Iterator[int]:
    """Every position of the windows that begin at `starts`."""
    for start in starts:
        yield from range(start, start + WINDOW)


def main() -> None:
    """Reads text, trains, validates, saves."""
    options = read_options()
    chance = random.Random(options.seed)
    config = {
        "orders": ORDERS,
        "rows_per_order": ROWS_MAX,
        "tokens_per_step": TOKENS_PER_STEP,
        "learning_rate": LEARNING_RATE,
        "optimizer": "sgd",
        **vars(options),
    }
    with pilothouse.init(
        project="charlm", name=options.name, config=config, model="5-gram log-linear", model_type="language-model",
        dataset=name_dataset(options.text), tags=["example", "plain-python"], total_steps=options.steps,
    ) as job:  # fmt: skip
        text = load_text(job, options.text, options.characters, chance)
        alphabet, train, valid = tokenize(job, text)
        model = CharacterModel(len(alphabet))
        steps = run_training(job, model, alphabet, train, valid, options, chance)
        final = validate(job, model, valid, steps)
        path = save_model(job, model, alphabet, options.out)
        job.update(summary={"val/loss": final.mean_loss, "val/accuracy": final.accuracy, "model": path})
        print(f"Done: val_loss = {final.mean_loss:.4f}, saved to {path}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--text", type=Path, default=Path(os.__file__).parent, help="folder with text to learn from")
    parser.add_argument("--characters", type=int, default=1_500_000, help="how much of it to use")
    parser.add_argument("--minutes", type=float, default=4.0, help="about how long to train")
    parser.add_argument("--steps", type=int, help="how many steps to train, instead of --minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="charlm", help="name of the job")
    parser.add_argument("--out", type=Path, default=Path("charlm-model.json"), help="where to save the weights")
    options = parser.parse_args()
    if options.steps is not None and options.steps < 1:
        parser.error("--steps must be at least 1")
    return options


def name_dataset(folder: Path) -> str:
    """What the page calls the text."""
    if folder == Path(os.__file__).parent:
        return f"Python {sys.version_info.major}.{sys.version_info.minor} library"
    return folder.name or str(folder)


def load_text(job: pilothouse.Job, folder: Path, length: int, chance: random.Random) -> str:
    """About `length` characters out of the files below `folder`, in an order that the seed decides."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".txt", ".md", ".rst"))
    files = [path for path in files if not SKIPPED & set(path.relative_to(folder).parts)]
    chance.shuffle(files)
    print(f"Loading up to {length} characters out of {len(files)} files in {folder}")
    parts: list[str] = []
    loaded = 0
    with job.stage("Dataset loading", total=length) as stage:
        for path in files:
            if loaded >= length:
                break
            part = path.read_text(encoding="utf-8", errors="replace")
            parts.append(part)
            loaded += len(part)
            stage.update(min(loaded, length))
    text = "".join(parts)[:length]
    if len(text) < 20_000:
        raise SystemExit(f"{folder} has only {len(text)} characters of text; at least 20000 are needed")
    print(f"Loaded {len(text)} characters out of {len(parts)} files")
    return text


def tokenize(job: pilothouse.Job, text: str) -> tuple[list[str], list[int], list[int]]:
    """The alphabet, and the text as numbers in it: 95 % to learn from, 5 % to validate with."""
    common = [character for character, _ in Counter(text).most_common(VOCABULARY_MAX - 1)]
    alphabet = [UNKNOWN, *sorted(common)]
    number_of = {character: number for number, character in enumerate(alphabet)}
    tokens: list[int] = []
    with job.stage("Tokenization", total=len(text)) as stage:
        for start in range(0, len(text), 50_000):
            tokens.extend(number_of.get(character, 0) for character in text[start : start + 50_000])
            stage.update(len(tokens))
    border = len(tokens) - len(tokens) // 20
    print(f"Tokenized: {len(tokens)} tokens, vocabulary {len(alphabet)}, {border} to train, {len(tokens) - border} to validate")
    return alphabet, tokens[:border], tokens[border:]


class Clock:
    """Says how many steps there will be: as many as were asked for, or as fit into the minutes at the pace of the first
    seconds. Once said, it stays: the learning rate falls along it."""

    def __init__(self, steps: int | None, minutes: float) -> None:
        self.total = steps
        self._seconds = minutes * 60
        self._begun = time.monotonic()

    def settle(self, step: int) -> bool:
        """True when the number of steps has become known after `step` steps."""
        spent = time.monotonic() - self._begun
        if self.total is not None or spent < min(5.0, self._seconds / 10):
            return False
        self.total = max(step + 1, round(step * self._seconds / spent))
        return True


def run_training(
    job: pilothouse.Job, model: CharacterModel, alphabet: list[str], train: list[int], valid: list[int],
    options: argparse.Namespace, chance: random.Random,
) -> int:  # fmt: skip
    """Trains until the steps are done, and gives their number."""
    clock = Clock(options.steps, options.minutes)
    checks = spread(len(valid), VALIDATION_TOKENS)
    checked_at = sampled_at = time.monotonic()
    epoch_told = 0
    with job.stage("Training", total=clock.total) as stage:
        for step, starts in enumerate(batches(len(train), chance), 1):
            begun = time.monotonic()
            rate = learning_rate(step, clock.total)
            score = model.learn(train, starts, rate)
            now = time.monotonic()
            epoch = step * TOKENS_PER_STEP / len(train)
            metrics = describe_step(score, rate, TOKENS_PER_STEP / (now - begun))
            if clock.settle(step) and clock.total:
                stage.update(step, clock.total)
                job.update(total_steps=clock.total, total_epochs=round(clock.total * TOKENS_PER_STEP / len(train), 2))
            last = clock.total is not None and step >= clock.total
            if epoch_told < math.ceil(epoch):
                epoch_told = math.ceil(epoch)
                print(f"Epoch {epoch_told}")
            if step == 1 or last or now - checked_at > CHECK_SECONDS:
                checked_at = now
                metrics |= describe_check(model.score(valid, checks))
                print(
                    f"Step {step}/{clock.total or '?'}: loss = {metrics['loss']:.4f}, val_loss = {metrics['val/loss']:.4f}, "
                    f"acc = {metrics['accuracy']:.3f}, lr = {rate:.4f}, {metrics['tokens_per_second']:.0f} tok/s"
                )
            job.log(metrics, step=step, epoch=epoch)
            stage.update(step)
            if last or now - sampled_at > 30:
                sampled_at = now
                print_sample(model, alphabet, valid, chance)
            if last or job.stop_requested:
                return step
    raise AssertionError("batches never end")


def describe_step(score: Score, rate: float, tokens_per_second: float) -> dict[str, float]:
    return {
        "loss": score.mean_loss,
        "accuracy": score.accuracy,
        "perplexity": math.exp(score.mean_loss),
        "grad_norm": score.gradient_norm,
        "learning_rate": rate,
        "tokens_per_second": tokens_per_second,
    }


def describe_check(score: Score) -> dict[str, float]:
    return {
        "val/loss": score.mean_loss,
        "val/accuracy": score.accuracy,
        "val/perplexity": math.exp(score.mean_loss),
    }


def batches(length: int, chance: random.Random) -> Iterator[list[int]]:
    """Where the windows of each step begin: each epoch goes over the whole text in a new order."""
    starts = list(range(ORDERS, length - WINDOW, WINDOW))
    while True:
        chance.shuffle(starts)
        for at in range(0, len(starts) - WINDOWS_PER_STEP + 1, WINDOWS_PER_STEP):
            yield starts[at : at + WINDOWS_PER_STEP]


def spread(length: int, tokens: int) -> list[int]:
    """Beginnings of windows, evenly over a text, that hold about so many tokens in all."""
    starts = range(ORDERS, length - WINDOW, WINDOW)
    return list(starts[:: max(1, len(starts) * WINDOW // tokens)])


def learning_rate(step: int, total: int | None) -> float:
    """A short warm-up, then a cosine down to the end. Before the total is known, the beginning of it."""
    warm = min(1.0, step / 20)
    done = step / total if total else 0.0
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    return warm * (LEARNING_RATE_END + (LEARNING_RATE - LEARNING_RATE_END) * fall)


def print_sample(model: CharacterModel, alphabet: list[str], valid: list[int], chance: random.Random) -> None:
    at = chance.randrange(ORDERS, len(valid))
    written = model.write(valid[at - ORDERS : at], 160, chance)
    print("--- sample ---")
    print("".join(alphabet[token] for token in written))
    print("--------------")


def validate(job: pilothouse.Job, model: CharacterModel, valid: list[int], step: int) -> Score:
    """The loss over the text that was kept aside (at most 60,000 characters of it)."""
    starts = spread(len(valid), 60_000)
    whole = Score()
    with job.stage("Validation", total=len(starts)) as stage:
        for at in range(0, len(starts), WINDOWS_PER_STEP):
            part = model.score(valid, starts[at : at + WINDOWS_PER_STEP])
            whole.loss, whole.hits, whole.count = whole.loss + part.loss, whole.hits + part.hits, whole.count + part.count
            stage.update(at)
        stage.update(len(starts))
    job.log({"final/loss": whole.mean_loss, "final/accuracy": whole.accuracy}, step=step)
    print(f"Validation: loss = {whole.mean_loss:.4f}, perplexity = {math.exp(whole.mean_loss):.2f}, acc = {whole.accuracy:.3f}")
    return whole


def save_model(job: pilothouse.Job, model: CharacterModel, alphabet: list[str], path: Path) -> str:
    """Writes the alphabet and every row that learned something."""
    with job.stage("Save model", total=ORDERS) as stage:
        tables = []
        for table in model.tables:
            tables.append({slot: [round(weight, 4) for weight in row] for slot, row in table.items() if any(row)})
            stage.advance()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            json.dump({"alphabet": alphabet, "orders": ORDERS, "rows_max": ROWS_MAX, "tables": tables}, file)
    print(f"Saved {sum(map(len, tables))} rows to {path}")
    return str(path.resolve())


if __name__ == "__main__":
    main()
