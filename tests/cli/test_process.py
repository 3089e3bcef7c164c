"""What only a process of its own shows: exit statuses, streams, signals, tracebacks."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import hwsim as package

ESCAPE = "\x1b"


def test_version_and_help_answer_and_bare_hwsim_shows_the_help(process):
    version, helped, bare = process("--version"), process("--help"), process()
    assert (version.returncode, version.stdout) == (0, f"hwsim {package.__version__}\n")
    assert helped.returncode == bare.returncode == 0
    assert "Usage: hwsim" in helped.stdout
    assert bare.stdout.split() == helped.stdout.split()


def test_help_takes_less_than_0_4_seconds_of_processor_time(process):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.4


def test_json_is_alone_on_standard_output(process, tiny):
    done = process("run", "--arch", "edge_npu", "--workload", str(tiny), "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["macs"] == 8 * 32 * (16 + 4)
    assert done.stderr == ""


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1", "TERM": "xterm-256color"}])
def test_no_colour_reaches_a_pipe(process, tiny, environment):
    done = process("run", "--arch", "edge_npu", "--workload", str(tiny), **environment)
    assert "latency" in done.stdout
    assert ESCAPE not in done.stdout + done.stderr


def test_bad_input_is_status_two_without_traceback(process):
    done = process("run", "--arch", "tpu_v", "--workload", "resnet50")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "there is no arch 'tpu_v', neither a file nor in the library; did you mean 'tpu_v"
    )
    assert len(done.stderr.splitlines()) == 1


def test_a_usage_error_is_status_two(process):
    done = process("run", "--arch", "tpu_v1")
    assert done.returncode == 2
    assert "--workload" in done.stderr


def test_an_interrupt_is_status_130(process):
    code = (
        "import os, signal, hwsim.environment as e\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background shell ignores it
        "e.findings = lambda: (os.kill(os.getpid(), signal.SIGINT), signal.pause())"
    )
    done = process("doctor", code=code)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_a_fault_of_our_own_shows_its_traceback(process):
    code = "import hwsim.environment as e\ndef fail(): raise ZeroDivisionError('ours')\ne.findings = fail"
    done = process("doctor", code=code)
    assert done.returncode not in (0, 2)
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError: ours" in done.stderr


def test_a_reader_that_has_enough_is_no_failure(tmp_path):
    command = f"{sys.executable} -m hwsim list operator | head -n 1; exit ${{PIPESTATUS[0]}}"
    environment = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
