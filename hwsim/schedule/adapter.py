"""The one way to a solver: a child process with a hard time limit, fixed threads and a fixed seed."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

from hwsim.schedule.graph_file import problem_as_json
from hwsim.schedule.indexed import Indexed
from hwsim.schedule.reply import Reply, Request
from hwsim.spec.errors import InputError

# Start-up, model building and one last uninterruptible solver step may take this long beyond the limit.
_GRACE_S = 15.0
_PACKAGES = {"cpsat": "ortools", "highs": "highspy"}


def is_installed(engine: str) -> bool:
    """Whether the package behind an engine can be imported."""
    return importlib.util.find_spec(_PACKAGES[engine]) is not None


def ask(
    indexed: Indexed,
    engine: str,
    addresses: bool,
    time_limit_s: float,
    floor_bytes: int = 0,
    ceiling_bytes: int | None = None,
) -> Reply:
    """Run one engine on one problem.

    A child that is killed or crashes has answered nothing: status ``unknown`` with the bound known before.

    Raises:
        InputError: the engine's package is not installed.
    """
    if not is_installed(engine):
        hint = "pip install 'hwsim[solvers]'"
        raise InputError(f"solver {engine!r} needs the package {_PACKAGES[engine]!r}", hint=hint)
    graph = problem_as_json(indexed.problem)
    request = Request(engine, graph, addresses, time_limit_s, floor_bytes, ceiling_bytes)
    answer = _run_child(json.dumps(request.as_json()), time_limit_s + _GRACE_S)
    if answer is None:
        return Reply("unknown", None, floor_bytes)
    return Reply(**json.loads(answer))


def _run_child(request: str, limit_s: float) -> str | None:
    """The child's standard output; None if it failed or had to be killed."""
    command = [sys.executable, "-m", "hwsim.schedule.child"]
    try:
        done = subprocess.run(
            command, input=request, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        return None
    return done.stdout[done.stdout.index("{") :]
