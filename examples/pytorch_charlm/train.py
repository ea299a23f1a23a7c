"""A language model over characters in PyTorch: a small GRU, trained on Python's own library (or any folder of text).

python train.py                  about two minutes on a CPU, reported to the pilothouse server that runs here
python train.py --steps 100      a short try
python train.py --device cuda
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections import Counter
from pathlib import Path

import torch
from torch import nn

import pilothouse

VOCABULARY_MAX = 80
CHECK_SECONDS = 5.0
SKIPPED = {"test", "tests", "site-packages", "encodings", "pydoc_data"}
"""Folders of Python's library that hold little to learn from: tables and tests."""


class CharacterModel(nn.Module):
    """Characters in, for each position the scores of the next character out: (batch, length) → (batch, length, size)."""

    def __init__(self, size: int, width: int, layers: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(size, width // 2)
        self.recur = nn.GRU(width // 2, width, layers, batch_first=True)
        self.score = nn.Linear(width, size)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        states, _ = self.recur(self.embed(tokens))
        scores: torch.Tensor = self.score(states)
        return scores


def main() -> None:
    """Reads text, trains, validates, saves."""
    options = read_options()
    torch.manual_seed(options.seed)
    chance = torch.Generator().manual_seed(options.seed)
    with pilothouse.init(
        project="charlm", name=options.name, config=options, model="gru", model_type="language-model",
        dataset=str(options.text), tags=["example", "pytorch"], total_steps=options.steps,
    ) as job:  # fmt: skip
        text = load_text(job, options.text, options.characters)
        alphabet, train, valid = tokenize(job, text)
        model = CharacterModel(len(alphabet), options.width, options.layers).to(options.device)
        print(f"Model: {sum(weight.numel() for weight in model.parameters())} parameters on {options.device}")
        step = run_training(job, model, train, valid, options, chance)
        with job.stage("Validation"):
            loss, accuracy = measure(model, valid, options, batches=20)
        job.log({"final/loss": loss, "final/accuracy": accuracy}, step=step)
        print(f"Validation: loss = {loss:.4f}, perplexity = {math.exp(loss):.2f}, acc = {accuracy:.3f}")
        with job.stage("Save model"):
            options.out.parent.mkdir(parents=True, exist_ok=True)
            torch.save({"alphabet": alphabet, "weights": model.state_dict()}, options.out)
        job.update(summary={"val/loss": loss, "val/accuracy": accuracy, "model": str(options.out.resolve())})
        print(f"Done: val_loss = {loss:.4f}, saved to {options.out.resolve()}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A character-level language model in PyTorch")
    parser.add_argument("--text", type=Path, default=Path(os.__file__).parent, help="folder with text to learn from")
    parser.add_argument("--characters", type=int, default=2_000_000, help="how much of it to use")
    parser.add_argument("--minutes", type=float, default=2.0, help="about how long to train")
    parser.add_argument("--steps", type=int, help="how many steps to train, instead of --minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="pytorch-charlm", help="name of the job")
    parser.add_argument("--out", type=Path, default=Path("pytorch-charlm.pt"), help="where to save the weights")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--length", type=int, default=64, help="characters in a sequence")
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=4e-3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def load_text(job: pilothouse.Job, folder: Path, length: int) -> str:
    """About `length` characters out of the files below `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".txt", ".md", ".rst"))
    files = [path for path in files if not SKIPPED & set(path.relative_to(folder).parts)]
    parts: list[str] = []
    loaded = 0
    with job.stage("Dataset loading", total=length) as stage:
        for path in files:
            if loaded >= length:
                break
            parts.append(path.read_text(encoding="utf-8", errors="replace"))
            loaded += len(parts[-1])
            stage.update(min(loaded, length))
    if loaded < 20_000:
        raise SystemExit(f"{folder} has only {loaded} characters of text; at least 20000 are needed")
    print(f"Loaded {min(loaded, length)} characters out of {len(parts)} of {len(files)} files in {folder}")
    return "".join(parts)[:length]


def tokenize(job: pilothouse.Job, text: str) -> tuple[list[str], torch.Tensor, torch.Tensor]:
    """The alphabet, and the text as numbers in it: every twentieth block of 2,000 characters is kept to validate with."""
    with job.stage("Tokenization"):
        alphabet = ["\ufffd", *sorted(character for character, _ in Counter(text).most_common(VOCABULARY_MAX - 1))]
        number_of = {character: number for number, character in enumerate(alphabet)}
        tokens = torch.tensor([number_of.get(character, 0) for character in text])
        blocks = tokens[: len(tokens) // 2000 * 2000].view(-1, 2000)
        kept = torch.arange(len(blocks)) % 20 == 9
        if not kept.any():
            kept[-1] = True
        train, valid = blocks[~kept].flatten(), blocks[kept].flatten()
    print(f"Tokenized: vocabulary {len(alphabet)}, {len(train)} tokens to train, {len(valid)} to validate")
    return alphabet, train, valid


def run_training(
    job: pilothouse.Job, model: CharacterModel, train: torch.Tensor, valid: torch.Tensor, options: argparse.Namespace,
    chance: torch.Generator,
) -> int:  # fmt: skip
    """Trains until the steps, or the minutes, are over; gives the number of steps."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=0.01)
    begun = checked_at = time.monotonic()
    step, done = 0, 0.0
    with job.stage("Training", total=options.steps or 100) as stage:
        while done < 1:
            step += 1
            step_begun = time.monotonic()
            rate = options.learning_rate * min(1.0, step / 20) * (0.05 + 0.475 * (1 + math.cos(math.pi * done)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss, accuracy, norm = learn(model, optimizer, draw(train, options, chance))
            now = time.monotonic()
            # Without --steps, time is what runs out; the total is then how many steps fit into it at this pace.
            done = step / options.steps if options.steps else min(1.0, (now - begun) / (options.minutes * 60))
            metrics = {
                "loss": loss,
                "accuracy": accuracy,
                "perplexity": math.exp(min(loss, 20)),
                "grad_norm": norm,
                "learning_rate": rate,
                "tokens_per_second": options.batch * options.length / (now - step_begun),
            }
            if step == 1 or done >= 1 or now - checked_at > CHECK_SECONDS:
                checked_at = now
                metrics["val/loss"], metrics["val/accuracy"] = measure(model, valid, options, batches=3)
                total = options.steps or max(step, round(step / done))
                job.update(total_steps=total)
                print(f"Step {step}/{total}: loss = {loss:.4f}, val_loss = {metrics['val/loss']:.4f}, lr = {rate:.5f}")
            job.log(metrics, step=step, epoch=step * options.batch * options.length / len(train))
            stage.update(done * (options.steps or 100))
            if job.stop_requested:
                break
    return step


def learn(
    model: CharacterModel, optimizer: torch.optim.Optimizer, batch: tuple[torch.Tensor, torch.Tensor]
) -> tuple[float, float, float]:
    """One step; gives loss, accuracy and the norm of the gradient before it was clipped."""
    given, wanted = batch
    model.train()
    scores = model(given)
    loss = nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten())
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item(), (scores.argmax(-1) == wanted).float().mean().item(), norm.item()


@torch.no_grad()
def measure(model: CharacterModel, valid: torch.Tensor, options: argparse.Namespace, batches: int) -> tuple[float, float]:
    """Mean loss and accuracy over the same batches each time."""
    chance = torch.Generator().manual_seed(0)
    model.eval()
    losses, hits = [], []
    for _ in range(batches):
        given, wanted = draw(valid, options, chance)
        scores = model(given)
        losses.append(nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten()).item())
        hits.append((scores.argmax(-1) == wanted).float().mean().item())
    return sum(losses) / batches, sum(hits) / batches


def draw(tokens: torch.Tensor, options: argparse.Namespace, chance: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch of sequences from anywhere in the text, and the same moved on by one."""
    starts = torch.randint(len(tokens) - options.length - 1, (options.batch,), generator=chance)
    rows = torch.stack([tokens[start : start + options.length + 1] for start in starts.tolist()]).to(options.device)
    return rows[:, :-1], rows[:, 1:]


if __name__ == "__main__":
    main()
