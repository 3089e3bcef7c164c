"""What a user may fix about the mapping; the rest is searched."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt, model_validator

from hwsim.mapping.constraints import NestRule
from hwsim.spec.document import Document, load_document
from hwsim.spec.library import find
from hwsim.spec.model import Spec, fault, validate


class MappingChoices(Spec):
    """A file of ``mapping/``."""

    name: str
    """The mapping's name."""
    description: str = ""
    """What it stands for, in a sentence."""
    fusion: Literal["epilogue", "none"] = "epilogue"
    """``epilogue``: element-wise operators after a contraction run on its tiles while they are on chip."""
    residency: Literal["greedy", "schedule", "faster", "none"] = "greedy"
    """``greedy``: an activation stays on chip for its consumers while it fits (furthest next use leaves
    first). ``schedule``: order of steps, addresses and what leaves when come from the scheduler, so that as
    little as possible travels twice; attention is not fused. ``faster``: the faster of these two plans.
    """
    attention: Literal["auto", "unfused", "flat", "fusemax", "fused"] = "auto"
    """``unfused``: attention runs operator by operator. The others run it in one step where the machine can:
    ``flat`` with the dataflow of FLAT's space that FLAT would take, ``fusemax`` with the 1-pass cascade,
    ``fused`` with the best of all points of both. ``auto``: the best of these for each attention, or no
    fusion at all where that is faster still. On a machine that runs a library's kernels ``fused`` is one
    kernel, ``flat`` and ``fusemax`` are refused.
    """
    stream_chunks: PositiveInt = 16
    """Pieces that streamed vector work is cut into at least, so that moving one overlaps computing another.
    """

    tiles: Literal["searched", "fixed"] = "searched"
    """``searched``: the fastest tiles of the declared set. ``fixed``: those that move the fewest bits over
    each boundary, whatever the bandwidths are; nothing is timed to find them, so that sweeps are fast.
    """

    constraints: tuple[NestRule, ...] = ()
    """What is fixed about the loop nests of contractions; the best of what is left is taken."""

    @model_validator(mode="after")
    def _scheduled_or_fused(self) -> MappingChoices:
        scheduled = self.residency in ("schedule", "faster")
        fused = self.attention not in ("auto", "unfused")
        if scheduled and fused:
            raise fault(f"a schedule cannot fuse attention ({self.attention})", at=("attention",))
        if self.residency == "faster" and self.attention != "auto":
            raise fault("the faster of two plans takes 'attention: auto'", at=("attention",))
        if scheduled and self.tiles == "fixed":
            raise fault("tiles of a schedule are searched", at=("tiles",))
        if scheduled and self.constraints:
            raise fault("loop nests of a schedule are not constrained", at=("constraints",))
        return self


def load_mapping(name_or_path: str) -> MappingChoices:
    """Read a mapping from a file or the library.

    Raises:
        InputError: the file is at fault, with its position.
    """
    return validate(MappingChoices, mapping_document(name_or_path))


def mapping_document(name_or_path: str) -> Document:
    """The text of a mapping with its positions.

    Raises:
        InputError: there is none, or the file is no YAML.
    """
    return load_document(Path(find("mapping", name_or_path)))
