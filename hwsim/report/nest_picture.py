"""Loop nests drawn as boxes in boxes: loops, what memories hold between them, and the engine inside."""

from __future__ import annotations

from collections.abc import Sequence

from hwsim.report.markup import Html, element, join

ROW, STEP, WIDTH, MARGIN = 22, 18, 640, 12
FILLS = {"input": "#dceefb", "weight": "#fdebd0", "output": "#e2f4e0"}
"""By the role of what a memory holds."""
LOOP, ENGINE = "#ffffff", "#d9d9e3"


def nest_pictures(nests: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """An SVG of all nests, one below the other; equal ones once, with the names of all that have it."""
    names: dict[tuple[str, ...], list[str]] = {}
    for name, lines in nests:
        names.setdefault(_shape(lines), []).append(name)
    first = {_shape(lines): lines for _, lines in reversed(nests)}
    parts: list[Html] = []
    top = MARGIN
    for shape, operators in names.items():
        more = f" and {len(operators) - 1} more" if len(operators) > 1 else ""
        parts.append(_text(MARGIN, top + 14, operators[0] + more, bold=True))
        parts += _boxes(first[shape], top + ROW)
        top += ROW * (len(first[shape]) + 3)
    svg = element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {top}",
        width=str(WIDTH),
        height=str(top),
        font_family="monospace",
        font_size="12",
    )
    return str(svg)


def _shape(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines without the names of tensors."""
    return tuple(
        f"{line.split(']')[0]}{line.rsplit(':', 1)[1]}" if line.lstrip().startswith("[") else line
        for line in lines
    )


def _boxes(lines: tuple[str, ...], top: int) -> list[Html]:
    """A box for each line; that of a loop encloses all lines after it."""
    found: list[Html] = []
    bottom = top + ROW * len(lines) + 6
    for row, line in enumerate(lines):
        depth = (len(line) - len(line.lstrip())) // 2
        left, says = MARGIN + STEP * depth, line.strip()
        loop = says.startswith("for ")
        height = bottom - (top + ROW * row) - 3 * depth if loop else ROW - 4
        found += [
            _box(left, top + ROW * row, WIDTH - 2 * left, height, _fill(says), dashed=loop),
            _text(left + 6, top + ROW * row + 14, says),
        ]
    return found


def _fill(says: str) -> str:
    if says.startswith("for "):
        return LOOP
    return next((fill for role, fill in FILLS.items() if f"] {role}" in says), ENGINE)


def _box(left: int, top: int, width: int, height: int, fill: str, dashed: bool) -> Html:
    return element(
        "rect",
        x=str(left),
        y=str(top),
        width=str(width),
        height=str(height),
        rx="3",
        fill=fill,
        stroke="#555566",
        stroke_dasharray="4 3" if dashed else None,
    )


def _text(left: int, base: int, says: str, bold: bool = False) -> Html:
    weight = "bold" if bold else None
    return element("text", join([says]), x=str(left), y=str(base), font_weight=weight)
