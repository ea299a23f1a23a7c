"""What this process is part of: its rank among those of a distributed job, and the claim that all of them share.

    torchrun on one node     torchrun:<run id>/<folder of its launcher, else its process>/<restart>   lasting
    torchrun on several      torchrun:<run id>/<master>/<slurm job, if any>/<restart>                 lasting under slurm
    srun with several tasks  slurm:<cluster>/<job>/<restart>/step<n>                                  lasting
    mpirun                   mpi:<name space of the run>/<slurm job, if any>                          lasting
    ranks set by hand        ranks:<master>/<world size>/<parent, on one node>                        not lasting
    slurm, one process       slurm:<cluster>/<job>/<restart>                                          not lasting
    else                     process:<host>/<boot>/<pid>/<start>                                      not lasting

A lasting claim is never used for another execution. After a restart (requeue, torchrun's own) the claim before is named, too.
A process that a reporting script has started (its mark is in the environment) is no rank, though it inherits the variables.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Mapping, Optional

from ._host import host_name

_CLAIM_LENGTH_MAX = 512
#: Rank, rank on its node, number of ranks. A launcher inside a scheduler's job says more than the scheduler.
_RANKS = (
    ("RANK", "LOCAL_RANK", "WORLD_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "MPI_LOCALRANKID", "PMI_SIZE"),
    ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_STEP_NUM_TASKS"),
)
#: Left in the environment by `init`: process id and rank of the script that reports.
MARK = "PILOTHOUSE_REPORTER"


@dataclass(frozen=True)
class Place:
    """Where a process stands among those of its job."""

    #: 0 reports; the others tell their failure only.
    rank: int
    #: 0 samples its node.
    local_rank: int
    #: More than one process does the job.
    distributed: bool


@dataclass(frozen=True)
class Claim:
    """Names an execution. `lasting`: never used for another one. `after`: the claim of the one before."""

    text: str
    lasting: bool = False
    after: Optional[str] = None

    def fields(self) -> dict[str, object]:
        """As a part of the body that makes the job."""
        more: dict[str, object] = {"lasting": True} if self.lasting else {}
        return {"claim": self.text, **more, **({"after": self.after} if self.after else {})}


def read_place(environ: Mapping[str, str]) -> Place:
    """Reads the ranks that launchers set."""
    for names in _RANKS:
        rank, local, size = (_read_number(environ, name) for name in names)
        if rank is None or (size is None and names[0] == "SLURM_PROCID"):  # a batch script has it, too
            continue
        if size == 1:
            return Place(0, 0, False)
        # Without a word on the node, rank 0 alone samples.
        return Place(rank, (0 if rank == 0 else 1) if local is None else local, True)
    return Place(0, 0, False)


def is_child_of_reporter(environ: Mapping[str, str], pid: int) -> bool:
    """True for a process that a reporting script started as it is, and not as one of several ranks."""
    owner, _, rank = environ.get(MARK, "").partition("/")
    return bool(owner) and owner != str(pid) and rank == _describe_rank(environ)


def describe_mark(environ: Mapping[str, str], pid: int) -> str:
    """What to leave in the environment for the processes that this one starts."""
    return f"{pid}/{_describe_rank(environ)}"


def make_claim(environ: Mapping[str, str], place: Place) -> Claim:
    """What this execution is, the same for every reporter of it."""
    if place.distributed:
        return _claim_ranks(environ)
    slurm = _name_slurm_job(environ)
    if slurm:
        return _with_restart(slurm, _read_number(environ, "SLURM_RESTART_COUNT") or 0)
    return Claim(f"process:{host_name()}/{_name_process(os.getpid())}"[:_CLAIM_LENGTH_MAX])


def _claim_ranks(environ: Mapping[str, str]) -> Claim:
    slurm = _name_slurm_job(environ)
    run = environ.get("TORCHELASTIC_RUN_ID")
    if run is not None:
        one_node = environ.get("LOCAL_WORLD_SIZE", "") == environ.get("WORLD_SIZE", "?")
        where = _name_launcher(environ) if one_node else f"{_name_master(environ, run)}/{slurm or ''}"
        restart = _read_number(environ, "TORCHELASTIC_RESTART_COUNT") or 0
        return _with_restart(f"torchrun:{run}/{where}", restart, lasting=one_node or slurm is not None)
    step = environ.get("SLURM_STEP_ID")
    if slurm and step:
        restart = _read_number(environ, "SLURM_RESTART_COUNT") or 0
        return _with_restart(slurm, restart, suffix=f"/step{step}", lasting=True)
    space = environ.get("PMIX_NAMESPACE") or environ.get("OMPI_MCA_ess_base_jobid") or environ.get("PMI_JOBID")
    if space:
        return Claim(f"mpi:{space}/{slurm or ''}"[:_CLAIM_LENGTH_MAX], lasting=True)
    size = environ.get("WORLD_SIZE") or environ.get("PMI_SIZE") or environ.get("OMPI_COMM_WORLD_SIZE") or "?"
    master = environ.get("MASTER_ADDR", "localhost")
    parent = f"{host_name()}/{_name_process(os.getppid())}" if master in ("localhost", "127.0.0.1", "::1") else ""
    return Claim(f"ranks:{master}:{environ.get('MASTER_PORT', '')}/{size}/{parent}"[:_CLAIM_LENGTH_MAX])


def _with_restart(base: str, restart: int, suffix: str = "", lasting: bool = False) -> Claim:
    base = base[: _CLAIM_LENGTH_MAX - 40]
    return Claim(f"{base}/{restart}{suffix}", lasting, f"{base}/{restart - 1}{suffix}" if restart > 0 else None)


def _name_slurm_job(environ: Mapping[str, str]) -> Optional[str]:
    job = environ.get("SLURM_JOB_ID")
    if not job:
        return None
    task = environ.get("SLURM_ARRAY_TASK_ID")
    name = f"{environ.get('SLURM_ARRAY_JOB_ID', job)}_{task}" if task else job
    return f"slurm:{environ.get('SLURM_CLUSTER_NAME', 'slurm')}/{name}"


def _name_master(environ: Mapping[str, str], run: str) -> str:
    # A rendezvous takes another port after each restart; without one («none») the port is what tells runs apart.
    port = environ.get("MASTER_PORT", "") if run in ("", "none") else ""
    return f"{environ.get('MASTER_ADDR', '')}:{port}"


def _name_launcher(environ: Mapping[str, str]) -> str:
    """The torchrun that started us: the folder that it made for this run, else its process."""
    # <folder made for the run>/attempt_<n>/<rank>/error.json
    parts = environ.get("TORCHELASTIC_ERROR_FILE", "").split("/")
    folder = "/".join(parts[:-3]) if len(parts) > 3 and parts[-3].startswith("attempt_") else ""
    return f"{host_name()}/{folder or _name_process(os.getppid())}"


def _name_process(pid: int) -> str:
    boot = _read_first_line("/proc/sys/kernel/random/boot_id")
    start = _read_first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()[19:20]
    return f"{boot or 'boot'}/{pid}/{start[0] if start else _ORIGIN if pid == os.getpid() else ''}"


def _read_first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


def _describe_rank(environ: Mapping[str, str]) -> str:
    return ",".join(environ.get(names[0], "") for names in _RANKS)


def _read_number(environ: Mapping[str, str], name: str) -> Optional[int]:
    text = environ.get(name, "")
    return int(text) if text.isdigit() else None


#: Where the system does not say when a process began (macOS): made once, so that the claim stays the same.
_ORIGIN = os.urandom(6).hex()
