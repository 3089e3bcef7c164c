"""The ``hwsim`` command: finds its subcommands, and turns errors into messages and exit statuses."""

from __future__ import annotations

import builtins
import functools
import importlib
import io
import keyword
import os
import pkgutil
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

import hwsim.cli
from hwsim.spec.errors import HwsimError

NOT_COMMANDS = {"app", "output"}
INTERRUPTED = 130


def build() -> typer.Typer:
    """The application: one command for each module of this package, by the name of its function."""
    app = typer.Typer(
        name="hwsim",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_whole)
    for module in sorted(found.name for found in pkgutil.iter_modules(hwsim.cli.__path__)):
        if module not in NOT_COMMANDS:
            app.command(name=_command_name(module))(_answering(_function(module)))
    return app


def main() -> None:
    """Entry point: run a command and exit with 0, 1 (a check failed), 2 (bad input) or 130 (interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without µ shows a ? instead of failing
    build()(prog_name="hwsim")


def _whole(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """How long, how much energy, how big: a workload on a machine, each described in a YAML file."""
    if version:
        sys.stdout.write(f"hwsim {hwsim.__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


def _answering(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with its errors as messages and exit statuses; any but HwsimErrors show their traceback."""

    @functools.wraps(command)
    def answered(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except HwsimError as error:
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(error.exit_status) from error
        except KeyboardInterrupt as error:
            sys.stderr.write("interrupted\n")
            raise typer.Exit(INTERRUPTED) from error
        except BrokenPipeError:
            # The reader has all it wants (hwsim list | head); what is left goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return answered


def _command_name(module: str) -> str:
    """``import_model`` is ``import``: words that are Python's own have modules of longer names."""
    first = module.partition("_")[0]
    return first if keyword.iskeyword(first) or hasattr(builtins, first) else module.replace("_", "-")


def _function(module: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(importlib.import_module(f"hwsim.cli.{module}"), module)
    return function
