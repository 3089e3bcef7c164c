"""The loop nests of fused attention as text on the page, one for each kind of it."""

from __future__ import annotations

from hwsim.report import units
from hwsim.report.attention_document import FusedAttention
from hwsim.report.document import Run
from hwsim.report.markup import Html, element, join


def loop_nests(run: Run) -> Html:
    """Every kind of fused attention: what was chosen, why it takes its time, and its loops line by line."""
    return join(_nest(one) for one in run.attention)


def _nest(attention: FusedAttention) -> Html:
    busy = ", ".join(f"{part.component} {units.percent(part.utilization)}" for part in attention.arrays)
    sizes = ", ".join(f"{units.count(size)} {name}" for name, size in attention.sizes.items())
    layers = f"{units.count(len(attention.operators))} layers from {attention.operators[0]}"
    title = f"The fused loop nest: {attention.configuration}, {layers}"
    says = (
        f"{sizes}. {attention.choice}. Busy: {busy}; {attention.why}. Einsums on one line run side by side."
    )
    lines = element("pre", "\n".join(attention.loop_nest))
    region = element("div", lines, class_="scroll", tabindex="0", role="region", aria_label=title)
    return element("figure", element("h3", title), element("figcaption", says), region)
