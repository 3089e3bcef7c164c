"""``hwsim doctor``: what this installation has and lacks."""

from __future__ import annotations

import sys

from hwsim.cli.output import JsonOption, answer, write_json


def doctor(json: JsonOption = None) -> None:
    """Look at Python, packages, extras, library and browser; exit with 1 if something needed is missing."""
    from dataclasses import asdict

    from hwsim.environment import findings
    from hwsim.spec.errors import CheckFailed

    found = tuple(findings())
    if json:
        write_json(answer({}, findings=[asdict(each) for each in found]), json)
    if json != "-":
        for each in found:
            mark = "ok" if each.ok else "MISSING" if each.needed else "absent"
            sys.stdout.write(f"{mark:<8}{each.what:<16}{each.detail}\n")
    missing = [each.what for each in found if each.needed and not each.ok]
    if missing:
        raise CheckFailed(f"missing: {', '.join(missing)}")
