"""Checkpoints of a job: written and read by the script's own functions, at control points."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Sequence

from . import _limits as limits
from ._checkpoint_files import (
    CheckpointFault,
    begin_part,
    check_name,
    delete_checkpoint,
    fate_of,
    finish_part,
    list_checkpoints,
    remove_path,
    sweep_parts,
    verify_checkpoint,
)
from ._copies import Copies, by_hand
from ._errors import OptionError, PilothouseError
from ._file_look import FileLook
from ._host import host_name
from ._steering_host import Outcome
from ._text import cut_text
from ._warn import warn_once

if TYPE_CHECKING:
    from ._order_feed import Order
    from ._steering import Steering

#: What is remembered of metrics beside each checkpoint.
_METRICS_MAX = 200
WAYS = ("inPlace", "relaunch")
KINDS = ("manual", "scheduled", "automatic", "best")


class Checkpoints:
    """Made by `job.checkpoints`. Methods are called by every rank of a distributed job."""

    def __init__(
        self, steering: Steering, *, save: Callable[[str], Any], load: Optional[Callable[[str], Any]], folder: Path,
        keep: Optional[int], every: Optional[int], covers: Sequence[str], suffix: str, sharded: bool, way: str,
    ) -> None:  # fmt: skip
        if keep is not None and keep < 1:
            raise OptionError(f"keep is {keep!r}, a number from 1 on was expected")
        if every is not None and every < 1:
            raise OptionError(f"every is {every!r}, a number from 1 on was expected")
        if way not in WAYS:
            raise OptionError(f"rollback is «{way}», one of {', '.join(WAYS)} was expected")
        self._steering = steering
        self._save = save
        self._load = load
        #: Where they are.
        self.folder = folder.expanduser().absolute()
        if len(str(self.folder)) > limits.FOLDER_LENGTH_MAX:
            raise OptionError(f"the folder for checkpoints has more than {limits.FOLDER_LENGTH_MAX} characters")
        self._keep = keep
        self.every = every
        self.covers = [cut_text(str(name), limits.NAME_LENGTH_MAX) for name in covers][: limits.COVERS_MAX]
        self._suffix = suffix
        self._sharded = sharded
        self.way = way
        self._last_name = ""
        self._opened: list[Copies] = []
        self._look = FileLook(self.folder, lambda fate: steering.tell("fates", fate))
        if steering.leads:
            sweep_parts(self.folder)
            self._note_known()

    @property
    def can_load(self) -> bool:
        """True when the script said how to read one."""
        return self._load is not None

    def save(self, name: Optional[str] = None, *, kind: str = "automatic", description: Optional[str] = None) -> Optional[Path]:
        """Writes a checkpoint now. `kind`: automatic, scheduled, manual or best. Returns its place.

        A fault is one warning and None: training goes on, and no half checkpoint is left. Raises OptionError for another kind.
        """
        if kind not in KINDS:
            raise OptionError(f"kind is «{kind}», one of {', '.join(KINDS)} was expected")
        text = None if description is None else cut_text(str(description), limits.DESCRIPTION_LENGTH_MAX)
        fault = self.write(name, kind=kind, description=text)
        if fault is not None:
            warn_once(f"checkpoint:{fault}", f"The checkpoint could not be written: {fault}")
        return None if fault is not None else self.folder / self._last_name

    def restore(self, path: Optional[str] = None) -> Optional[float]:
        """Goes on from a checkpoint: that one, else the newest of this job. Returns the step to go on with; None when there is
        none. Raises PilothouseError when it cannot be read."""
        found = self._choose(path) if self._steering.leads else None
        found = self._steering.from_leader(found)
        if found is None:
            return None
        uri, copy, sha256 = found
        step, fault = self.read(uri, sha256, copy)
        if fault is not None:
            raise PilothouseError(f"The checkpoint {uri} could not be gone on from: {fault}")
        return step

    def write(self, name: Optional[str], *, kind: str, description: Optional[str] = None, command: Optional[int] = None,
              step: Optional[float] = None) -> Optional[str]:  # fmt: skip
        """Writes one and tells it. None, or what went wrong, in words: then nothing has changed."""
        steering = self._steering
        at = steering.step if step is None else step
        name, fault = self._choose_name(name, at, kind)
        if fault is not None:
            return fault
        final = self.folder / name
        began = time.monotonic()
        record: dict[str, Any] = {}

        def describe(facts: Mapping[str, Any]) -> dict[str, Any]:
            return {
                "uid": steering.uid, "name": name, "kind": kind, "step": at, "logged": steering.logged,
                "epoch": steering.read_epoch(), "at": time.time() * 1000.0, "host": host_name(),
                "tookMs": (time.monotonic() - began) * 1000.0, "covers": self.covers,
                "metrics": _pick_metrics(steering.host.read_metrics()), "parameters": steering.read_values(),
                "description": description, **facts,
            }  # fmt: skip

        part: list[Path] = []
        fault = steering.attempt(lambda: part.append(begin_part(self.folder, name)), leader_only=True)
        if fault is None:
            place = steering.from_leader(str(part[0]) if part else None)
            fault = steering.attempt(lambda: self._save(place), leader_only=not self._sharded)
        if fault is None:

            def publish() -> None:
                with self._look.lock:
                    record.update(finish_part(part[0], final, describe))
                    self._look.note(name, record["bytes"])

            fault = steering.attempt(publish, leader_only=True)
        if fault is not None:
            for one in part:
                remove_path(one)
            return fault
        self._last_name = name
        if steering.leads:
            event = {key: value for key, value in record.items() if key not in ("uid", "logged", "version")}
            steering.tell("checkpoints", {**event, "command": command})
            self._drop_old()
        return None

    def read(
        self, uri: str, sha256: Optional[str], copy: Optional[int] = None
    ) -> tuple[Optional[float], Optional[str]]:  # fmt: skip
        """Goes on from the one at this place. The step to go on with, or what went wrong, in words. `copy`: the number under
        which the control room has a copy, which is fetched where the file is gone or changed."""
        steering = self._steering
        records: list[Mapping[str, Any]] = []
        faults: list[CheckpointFault] = []

        def verify() -> None:
            try:
                records.append(verify_checkpoint(self.folder, uri, sha256)[1])
            except CheckpointFault as fault:
                faults.append(fault)
                if copy is None or fault.state is None:
                    raise
                self._fetch(copy, Path(uri), sha256)
                records.append(verify_checkpoint(self.folder, uri, sha256)[1])
                faults.clear()

        fault = steering.attempt(verify, leader_only=True)
        if fault is not None:
            if faults and faults[0].state is not None:
                steering.tell("fates", fate_of(Path(uri).name, faults[0].state, fault))
            return None, fault
        record = steering.from_leader(records[0] if records else None)
        found: list[Any] = []
        load = self._load
        assert load is not None  # who cannot load is never told to
        fault = steering.attempt(lambda: found.append(load(uri)))
        if fault is not None:
            return None, fault
        step = found[0] if isinstance(found[0], (int, float)) and not isinstance(found[0], bool) else record["step"]
        steering.went_back(step, record)
        return step, None

    def load_again(self, name: str) -> Optional[str]:
        """Loads one that this process has just written. None, or what went wrong, in words."""
        load = self._load
        assert load is not None  # who cannot load is never told to
        return self._steering.attempt(lambda: load(str(self.folder / self._file_name(name))))

    def recover(self, fault: str, before: Optional[str]) -> str:
        """Loading has failed, perhaps halfway: where it stood is written down as `before`, if that was not declined. In words."""
        if before is None:
            return f"It could not go back: {fault}. What load() had changed until then is changed."
        problem = self.load_again(before)
        if problem is not None:
            return f"It could not go back: {fault}. And where it stood could not be loaded either: {problem}"
        return f"It could not go back: {fault}. It goes on where it stood."

    def copy(self, order: Order, tell: Callable[[Order, Outcome, float], None]) -> Optional[Outcome]:
        """Begins to send a copy to the control room. None, and `tell` is told later what came of it; or why it cannot."""
        if not self._steering.leads:
            return None
        body, here = order.body, self._steering.step
        path = Path(str(body.get("uri")))
        if path.parent.resolve() != self.folder.resolve() or path.is_symlink():
            return Outcome("rejected", f"{path} is not in {self.folder}, where this job has its checkpoints.")
        number, done = int(body.get("checkpoint") or 0), lambda outcome: tell(order, outcome, here)
        fault = by_hand(path) if self._copies is None else self._copies.send(number, path, body.get("sha256"), done)
        return None if fault is None else Outcome("rejected", fault)

    def settle_copies(self, most_s: float) -> None:
        """The job ends: waits for copies under way, as long as they move."""
        if self._opened:
            self._opened[0].settle(most_s)

    def end(self) -> None:
        """The job ends."""
        self._look.stop()

    @property
    def _copies(self) -> Optional[Copies]:
        """By which copies are sent and fetched, opened once; None when there is no way."""
        if not self._opened:
            copies = self._steering.host.open_copies()
            self._opened = [] if copies is None else [copies]
        return self._opened[0] if self._opened else None

    def delete(self, name: str, uri: str) -> Optional[str]:
        """Deletes one and tells it. None, or what went wrong, in words."""

        def remove() -> None:
            path = Path(uri)
            if path.parent.resolve() != self.folder.resolve() or path.name != name:
                raise CheckpointFault(f"{uri} is not in {self.folder}, where this job has its checkpoints")
            with self._look.lock:
                delete_checkpoint(path)
                self._look.forget(name)

        fault = self._steering.attempt(remove, leader_only=True)
        if fault is None:
            self._steering.tell("fates", fate_of(name, "deleted", None))
        return fault

    def _choose_name(self, wanted: Optional[str], step: float, kind: str) -> tuple[str, Optional[str]]:
        """The name of the file, the same on every rank, or what is wrong with it. One that nobody has chosen is a new one:
        after a rollback the same steps come again, and what was written at them before stays."""
        name = self._file_name(wanted or f"step-{_spell(step)}")
        fault: Optional[str] = None
        if self._steering.leads and wanted is None:
            taken, count = name, 1
            while (self.folder / name).exists():
                count += 1
                name = self._file_name(f"{taken.removesuffix(self._suffix)}-{count}")
        elif self._steering.leads and kind == "manual" and (self.folder / name).exists():
            fault = f"there is a checkpoint «{name}» already"
        name, fault = self._steering.from_leader((name, fault))
        return name, fault

    def _file_name(self, name: str) -> str:
        return name if name.endswith(self._suffix) else f"{name}{self._suffix}"

    def _choose(self, wanted: Optional[str]) -> Optional[tuple[str, Optional[int], Optional[str]]]:
        """Where the one to go on from is, and the number and checksum of its copy where only the control room has it."""
        mine = [path for path, record in list_checkpoints(self.folder) if record.get("uid") == self._steering.uid]
        here = wanted or (str(mine[-1]) if mine else None)
        if here is not None and Path(here).exists():
            return here, None, None
        copies = self._copies
        for one in copies.find() if copies is not None else ():
            name = str(one.get("name"))
            if wanted is None or wanted == one.get("uri") or Path(wanted).name == name:
                return wanted or str(self.folder / check_name(name)), int(one["id"]), str(one["sha256"])
        return None if wanted is None else (wanted, None, None)

    def _fetch(self, copy: int, path: Path, sha256: Optional[str]) -> None:
        copies = self._copies
        if copies is None:
            raise CheckpointFault("the control room has a copy, and cannot be asked for it")
        with self._look.lock:
            self._look.note(path.name, copies.fetch(copy, path, sha256))
        self._steering.tell("fates", fate_of(path.name, "present", None))

    def _note_known(self) -> None:
        """What an earlier run of the job left here is looked after as well."""
        for path, record in list_checkpoints(self.folder):
            if record.get("uid") == self._steering.uid and isinstance(record.get("bytes"), int):
                self._look.note(path.name, record["bytes"])

    def _drop_old(self) -> None:
        """Of those that nobody asked for the last ones stay; pinned ones stay anyway."""
        if self._keep is None:
            return
        mine = [
            (path, record)
            for path, record in list_checkpoints(self.folder)
            if record.get("uid") == self._steering.uid and record.get("kind") in ("automatic", "scheduled")
        ]
        for path, _ in mine[: -self._keep]:
            if path.name in self._steering.pinned:
                continue
            try:
                with self._look.lock:
                    delete_checkpoint(path)
                    self._look.forget(path.name)
            except OSError as error:
                warn_once(f"keep:{path}", f"The old checkpoint {path} could not be deleted: {error.strerror or error}")
            else:
                self._steering.tell("fates", fate_of(path.name, "deleted", f"keep={self._keep}: newer ones took its place."))


def _spell(step: float) -> str:
    return f"{int(step):08d}" if float(step).is_integer() and step >= 0 else str(step).replace("-", "m").replace("+", "")


def _pick_metrics(values: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {key: value for key, value in values.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}
    return {key: _wire(float(value)) for key, value in list(numbers.items())[:_METRICS_MAX]}


def _wire(value: float) -> Any:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
