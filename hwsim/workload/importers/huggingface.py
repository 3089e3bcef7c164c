"""Hugging Face ``config.json``: each model type becomes one of our families."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hwsim.spec.document import Document, parse_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.files import read_text
from hwsim.spec.model import validate
from hwsim.workload.importers.hf.base import HuggingFaceConfig, translators
from hwsim.workload.text import workload_text

SUFFIXES = (".json",)

_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def import_text(path: Path, _allow_unknown: bool) -> str:
    """The model that the ``config.json`` at ``path`` describes as text in our own YAML.

    Raises:
        InputError: the file is no configuration of a model type hwsim knows, or a key is missing or wrong.
    """
    document = parse_document(_as_yaml(read_text(path)), str(path))
    kind = _model_type(document)
    translator = translators()[kind]
    config = validate(translator.config, document)
    translation = translator.translate(config)
    head = {
        "name": _name(path, document.data, kind),
        "source": f"imported from {path.name}, model type {kind}",
        "notes": [*translation.notes, *_assumed(config, kind), *_ignored(document.data)],
        "family": translation.family,
        "parameters": translation.parameters,
    }
    shape = {key: value for key, value in translation.config.items() if value is not None}
    return workload_text(head, {"config": shape})


def _assumed(config: HuggingFaceConfig, kind: str) -> list[str]:
    """A note with the sizes that the file does not give, which are the model type's own."""
    absent = [name for name in type(config).model_fields if name not in config.model_fields_set]
    sizes = {name: getattr(config, name) for name in absent}
    taken = [f"{name} {size}" for name, size in sizes.items() if type(size) is int]
    return (
        [f"not in the file, so as model type {kind} has it by default: {', '.join(taken)}"] if taken else []
    )


def _ignored(data: dict[str, Any]) -> list[str]:
    """A note on what the file says about the values of the model, which hwsim does not read."""
    if not data.get("quantization_config"):
        return []
    return ["quantization_config is not read: weights have the datatype of the machine"]


def _as_yaml(text: str) -> str:
    """JSON without what YAML refuses (tabs, halves of a character), all else in its place."""
    return _SURROGATES.sub("?" * 12, text.replace("\t", " "))


def _model_type(document: Document) -> str:
    if not isinstance(document.data, dict) or "model_type" not in document.data:
        hint = "a Hugging Face config.json has one"
        raise InputError("there is no 'model_type' in this file", document.position(), hint)
    kind = document.data["model_type"]
    if not isinstance(kind, str) or kind not in translators():
        where = document.position(("model_type",))
        raise InputError(f"unknown model type {kind!r}", where, _known(str(kind)))
    return kind


def _known(kind: str) -> str:
    known = f"known: {', '.join(sorted(translators()))}"
    nearest = did_you_mean(kind, translators())
    return nearest if nearest == known else f"{nearest} {known}"


def _name(path: Path, data: dict[str, Any], kind: str) -> str:
    """What the model calls itself, else the folder the file is in, else the model type."""
    given = data.get("_name_or_path")
    if isinstance(given, str) and given.strip("/"):
        return given.strip("/").rpartition("/")[2]
    return path.resolve().parent.name or kind
