"""The ``hwsim`` command: finds its subcommands, and turns errors into messages and exit statuses."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

import typer

import hwsim.cli
from hwsim.spec.errors import HwsimError

NOT_COMMANDS = {"app", "output"}
INTERRUPTED = 130


def build() -> typer.Typer:
    """The application: one command for each module of this package, by the name of its function."""
    app = typer.Typer(
        name="hwsim",
        help="Hardware simulator and accelerator design-space explorer.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for module in sorted(found.name for found in pkgutil.iter_modules(hwsim.cli.__path__)):
        if module not in NOT_COMMANDS:
            app.command(name=_command_name(module))(_function(module))
    return app


def main() -> None:
    """Entry point: run a command and exit with 0, 1 (a check failed), 2 (bad input) or 130 (interrupted)."""
    try:
        build()()
    except HwsimError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()


def _command_name(module: str) -> str:
    """``import`` and ``list`` are Python's own names, so their modules are called ``import_model``, ``list_names``."""
    return module.partition("_")[0]


def _function(module: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(importlib.import_module(f"hwsim.cli.{module}"), module)
    return function
