"""The solver process: one request on standard input, one reply on standard output, both JSON.

highspy and ortools cannot share a process, so each request imports just its own engine.
"""

from __future__ import annotations

import importlib
import json
import sys

from hwsim.schedule.graph_file import parse_problem
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.reply import Request

_MODULES = {"cpsat": "hwsim.schedule.cpsat", "highs": "hwsim.schedule.ilp"}


def main() -> None:
    """Answer the request and end."""
    request = Request(**json.load(sys.stdin))
    indexed = index_problem(parse_problem(json.dumps(request.graph), "request"))
    engine = importlib.import_module(_MODULES[request.engine])
    json.dump(engine.solve(indexed, request).as_json(), sys.stdout)


if __name__ == "__main__":
    main()
