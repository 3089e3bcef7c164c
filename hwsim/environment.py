"""What this installation has and lacks: Python, packages, extras, library, browser."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from hwsim.spec import library

LEAST_PYTHON = (3, 11)
EXTRAS = {
    "onnx": "reads ONNX graphs: hwsim run --workload MODEL.onnx, hwsim import",
    "nir": "reads NIR graphs: hwsim run --workload MODEL.nir, hwsim import",
    "search": "searches studies with Optuna: hwsim search",
    "dask": "runs studies on a Dask cluster: hwsim sweep --dask",
    "profile": "measures kernels with PyTorch: hwsim profile",
    "solvers": "proves schedules optimal with HiGHS and CP-SAT: hwsim schedule, hwsim allocate",
}
"""What each optional extra of pyproject.toml is for; ``all`` and ``dev`` are made of others."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?\s*(?P<limits>[^;]*?)\s*"
    r"(;.*?extra\s*==\s*[\"'](?P<extra>[^\"']+)[\"'].*)?\Z"
)
_LIMIT = re.compile(r"\s*(>=|<)\s*([0-9.]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether all is well, and whether hwsim is of any use where it is not."""

    what: str
    ok: bool
    detail: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package we need, the limits of its version as written, and the extra it belongs to."""

    name: str
    limits: str
    extra: str | None


def findings() -> Iterator[Finding]:
    """Everything looked at, what is needed first."""
    python = f"{platform.python_version()} at {sys.executable}"
    yield Finding("python", sys.version_info[:2] >= LEAST_PYTHON, python)
    wanted = requirements()
    for requirement in wanted:
        if requirement.extra is None:
            yield _package(requirement)
    yield _library()
    for extra, use in EXTRAS.items():
        yield _extra(extra, use, [each for each in wanted if each.extra == extra])
    yield _browser()


def requirements() -> list[Requirement]:
    """What our distribution asks for; in a checkout that is not installed, what pyproject.toml does."""
    try:
        lines = metadata.requires("hwsim") or []
    except metadata.PackageNotFoundError:
        lines = _of_checkout(library.library_root() / "pyproject.toml")
    found = (_REQUIREMENT.match(line) for line in lines)
    return [Requirement(each["name"], each["limits"], each["extra"]) for each in found if each]


def _of_checkout(pyproject: Path) -> list[str]:
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"].items()
    return [
        *project["dependencies"],
        *(f'{line}; extra == "{extra}"' for extra, lines in optional for line in lines),
    ]


def _package(requirement: Requirement) -> Finding:
    version = installed_version(requirement.name)
    if version is None:
        return Finding(requirement.name, False, f"not installed, needed: {requirement.limits or 'any'}")
    fits = within(version, requirement.limits)
    return Finding(requirement.name, fits, version if fits else f"{version}, needed: {requirement.limits}")


def _extra(name: str, use: str, members: list[Requirement]) -> Finding:
    parts = [_package(member) for member in members]
    missing = [part.what for part in parts if not part.ok]
    have = ", ".join(f"{part.what} {part.detail}" for part in parts if part.ok)
    how = f"lacks {', '.join(missing)}: pip install 'hwsim[{name}]'" if missing else have
    return Finding(f"extra {name}", not missing, f"{use} ({how})", needed=False)


def _library() -> Finding:
    root = library.library_root()
    counts = {kind: len(library.names(kind)) for kind in library.FOLDERS}
    found = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return Finding("library", counts["arch"] > 0 and counts["workload"] > 0, f"{root} ({found})")


def _browser() -> Finding:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    use = "draws reports in the browser tests; reading a report needs any browser"
    where = path or f"none of {', '.join(BROWSERS)}"
    return Finding("browser", path is not None, f"{use} ({where})", needed=False)


def installed_version(package: str) -> str | None:
    """The version of an installed distribution, None where there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def within(version: str, limits: str) -> bool:
    """Whether ``version`` keeps every ``>=`` and ``<`` of ``limits``."""
    parts = [match.groups() for match in map(_LIMIT.match, limits.split(",")) if match]
    return all((_release(version) >= _release(limit)) == (sign == ">=") for sign, limit in parts)


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version, without trailing zeros: 1.26.4rc1 is (1, 26, 4)."""
    numbers = re.match(r"[0-9]+(\.[0-9]+)*", version)
    found = [int(part) for part in numbers[0].split(".")] if numbers else []
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
