"""Damage every shipped YAML many times: each text must give an object or an InputError, and nothing else.

    python benchmarks/fuzz.py [MUTATIONS A FILE, 10000] [KIND OR NAME ...]

Prints one line a file; where anything else came, it keeps the text in a temporary file and exits with 1.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from strategies.mutations import mutated  # noqa: E402
from strategies.shipped import READERS, shipped  # noqa: E402  (found by the path above)

from hwsim.spec.document import Document, parse_document  # noqa: E402
from hwsim.spec.errors import InputError  # noqa: E402


def main(arguments: list[str]) -> int:
    """Fuzz what the arguments choose; 1 if anything but an InputError was raised."""
    count = int(arguments[0]) if arguments else 10_000
    chosen = [
        (kind, path) for kind, path in shipped() if not arguments[1:] or {kind, path.stem} & {*arguments[1:]}
    ]
    broken = 0
    print(f"{'kind':<14}{'file':<20}{'mutations':>10}{'loaded':>8}{'refused':>9}{'broken':>8}{'seconds':>9}")
    for kind, path in chosen:
        start = time.perf_counter()
        outcomes = fuzzed(path, READERS[kind], count)
        seconds = time.perf_counter() - start
        counts = f"{outcomes['loaded']:>8}{outcomes['refused']:>9}{outcomes['broken']:>8}"
        print(f"{kind:<14}{path.stem:<20}{count:>10}{counts}{seconds:>9.1f}", flush=True)
        broken += outcomes["broken"]
    return 1 if broken else 0


def fuzzed(path: Path, read: Callable[[Document], None], count: int) -> Counter[str]:
    """What became of ``count`` damaged copies of a file."""
    text = path.read_text(encoding="utf-8")
    dice = random.Random(path.stem)
    return Counter(outcome(mutated(text, dice), path, read) for _ in range(count))


def outcome(text: str, path: Path, read: Callable[[Document], None]) -> str:
    """``loaded``, ``refused`` by an InputError, or ``broken`` by anything else."""
    try:
        read(parse_document(text, path.name))
    except InputError:
        return "refused"
    except Exception:
        keep(text, path)
        return "broken"
    return "loaded"


def keep(text: str, path: Path) -> None:
    """Print the traceback, and leave the text that caused it in a file."""
    with tempfile.NamedTemporaryFile("w", prefix=f"{path.stem}-", suffix=".yaml", delete=False) as file:
        file.write(text)
    print(f"{file.name}\n{traceback.format_exc()}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
