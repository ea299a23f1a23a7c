"""Which process of a job this is, and the claim that binds its reporters together."""

from __future__ import annotations

import os

import pytest

from pilothouse._claim import MARK, Claim, Place, describe_mark, is_child_of_reporter, make_claim, read_place

SLURM = {"SLURM_JOB_ID": "9", "SLURM_CLUSTER_NAME": "c"}
TORCH = {"TORCHELASTIC_RUN_ID": "none", "TORCHELASTIC_RESTART_COUNT": "0", "MASTER_ADDR": "n1", "MASTER_PORT": "29500"}


def claim(variables: dict[str, str]) -> Claim:
    return make_claim(variables, read_place(variables))


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, Place(0, 0, False)),
        ({"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4"}, Place(3, 1, True)),
        ({"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}, Place(0, 0, False)),
        ({"RANK": "2"}, Place(2, 1, True)),
        ({"SLURM_PROCID": "5", "SLURM_LOCALID": "0", "SLURM_STEP_NUM_TASKS": "8"}, Place(5, 0, True)),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "8"}, Place(0, 0, False)),  # the batch script itself
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "SLURM_PROCID": "0"}, Place(1, 1, True)),
        ({"PMI_RANK": "1", "PMI_SIZE": "2"}, Place(1, 1, True)),
        (
            {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"},
            Place(1, 1, True),
        ),
        ({"RANK": "one"}, Place(0, 0, False)),
    ],
)
def test_the_rank_is_what_the_innermost_launcher_says(variables: dict[str, str], place: Place) -> None:
    assert read_place(variables) == place


def test_a_claim_names_this_execution() -> None:
    assert claim({}) == claim({})
    assert str(os.getpid()) in claim({}).text
    assert claim(SLURM) == Claim("slurm:c/9/0")
    assert claim({"SLURM_JOB_ID": "9"}) == Claim("slurm:slurm/9/0")
    array = {**SLURM, "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "2"}
    assert claim(array) == Claim("slurm:c/7_2/0")


def test_a_requeue_goes_on_after_the_claim_before() -> None:
    assert claim({**SLURM, "SLURM_RESTART_COUNT": "2"}) == Claim("slurm:c/9/2", after="slurm:c/9/1")
    fields = {"claim": "slurm:c/9/2", "after": "slurm:c/9/1"}
    assert Claim("slurm:c/9/2", after="slurm:c/9/1").fields() == fields
    assert Claim("x", lasting=True).fields() == {"claim": "x", "lasting": True}


def test_ranks_of_one_step_share_a_claim_and_steps_do_not() -> None:
    step = {**SLURM, "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2"}
    first, second = ({**step, "SLURM_PROCID": rank} for rank in "01")
    assert claim(first) == claim(second) == Claim("slurm:c/9/0/step0", lasting=True)
    assert claim({**first, "SLURM_STEP_ID": "1"}) != claim(first)


def test_ranks_of_torchrun_share_a_claim_that_no_other_run_has() -> None:
    local = {**TORCH, "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    ranks = [
        claim({**local, "RANK": rank, "LOCAL_RANK": rank, "TORCHELASTIC_ERROR_FILE": f"/t/a/none_x/attempt_0/{rank}/error.json"})
        for rank in "01"
    ]
    assert ranks[0] == ranks[1]
    assert ranks[0].lasting
    other = claim({**local, "RANK": "0", "TORCHELASTIC_ERROR_FILE": "/t/a/none_y/attempt_0/0/error.json"})
    assert other != ranks[0]
    again = {"TORCHELASTIC_RESTART_COUNT": "1", "TORCHELASTIC_ERROR_FILE": "/t/a/none_x/attempt_1/0/error.json"}
    assert claim({**local, "RANK": "0", **again}).after == ranks[0].text


def test_ranks_of_torchrun_on_several_nodes_share_a_claim() -> None:
    nodes = {**TORCH, "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2", "RANK": "3", "LOCAL_RANK": "1"}
    assert claim(nodes) == Claim("torchrun:none/n1:29500//0")
    assert claim({**nodes, **SLURM}) == Claim("torchrun:none/n1:29500/slurm:c/9/0", lasting=True)
    # A rendezvous takes another port after a restart.
    named = {**nodes, "TORCHELASTIC_RUN_ID": "mine"}
    again = {**named, "MASTER_PORT": "41000", "TORCHELASTIC_RESTART_COUNT": "1"}
    assert claim(again).after == claim(named).text


def test_ranks_of_mpi_and_of_hand_share_a_claim() -> None:
    mpi = {"OMPI_COMM_WORLD_SIZE": "2", "PMIX_NAMESPACE": "prterun-n1-88@1"}
    assert claim({**mpi, "OMPI_COMM_WORLD_RANK": "1"}) == claim({**mpi, "OMPI_COMM_WORLD_RANK": "0"})
    hand = {"WORLD_SIZE": "2", "MASTER_ADDR": "n1", "MASTER_PORT": "5000"}
    assert claim({**hand, "RANK": "0"}) == claim({**hand, "RANK": "1"}) == Claim("ranks:n1:5000/2/")


def test_a_script_started_by_one_that_reports_is_known_and_new_ranks_are_told_apart() -> None:
    parent = {"RANK": "0", "WORLD_SIZE": "2"}
    inherited = {**parent, MARK: describe_mark(parent, 100)}
    assert not is_child_of_reporter(inherited, 100)
    assert is_child_of_reporter(inherited, 101)
    assert not is_child_of_reporter({**inherited, "RANK": "1"}, 101), "a launcher gave it a rank of its own"
    assert not is_child_of_reporter({}, 101)
