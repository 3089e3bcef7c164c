"""The least words of matrix products through one buffer: 25 instances, brute-forced.

Source: hwsim's own reference data (``../shared/reference/mapper/README.md`` states the model); no tool's
number is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ConfigDict, Field

from hwsim.mapping.one_buffer.answer import mapper_answer
from hwsim.mapping.one_buffer.model import Sizes
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import Spec, validate
from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.mappers.files import reference_files

NAME = "gemm_traffic"
SHIPPED = Path(__file__).parent.parent / "data" / "gemm_traffic.json"
METRICS = ("optimal_dram_words", "optimal_dram_words_divisor_tiles", "compulsory_words")


class Instance(Spec):
    """One product, its buffer, and what is known of it; other keys (a tile, its traffic) are left alone."""

    model_config = ConfigDict(extra="ignore")

    id: str | None = None
    M: int = Field(ge=1)
    N: int = Field(ge=1)
    K: int = Field(ge=1)
    capacity_words: int = Field(ge=1)
    optimal_dram_words: int | None = None
    optimal_dram_words_divisor_tiles: int | None = None
    compulsory_words: int | None = None

    @property
    def case(self) -> str:
        """Its id, or its key figures where it has none."""
        return self.id or f"{self.M}/{self.N}/{self.K}/{self.capacity_words}"


class InstanceFile(Spec):
    """The file: other keys at the top are left alone."""

    model_config = ConfigDict(extra="ignore")

    instances: tuple[Instance, ...] = Field(min_length=1)


def compare(data: Path | None = None) -> Comparison:
    """Solve every instance of the JSON file (or files) ``data``, or of that shipped, from its sizes alone.

    Raises:
        InputError: an unreadable file, or an instance that no tile fits, with its position.
    """
    rows = [row for file in reference_files(data, SHIPPED, NAME) for row in _file_rows(file)]
    return Comparison(NAME, tuple(rows), ("only words are compared: mappings with equal words are many",))


def _file_rows(file: Path) -> Iterator[Row]:
    document = load_document(file)
    for number, instance in enumerate(validate(InstanceFile, document).instances):
        try:
            yield from _rows(instance)
        except InputError as error:
            raise error.at(document.position(("instances", number))) from error


def _rows(instance: Instance) -> Iterator[Row]:
    ours = mapper_answer(Sizes(instance.M, instance.N, instance.K), instance.capacity_words)
    for metric in METRICS:
        yield Row(instance.case, metric, getattr(instance, metric), ours[metric])
