"""From a file or a library name to a :class:`Workload`: every foreign format becomes our own YAML first."""

from __future__ import annotations

from pathlib import Path

from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError, did_you_mean, one_of
from hwsim.spec.imported import errors_in_the_original, imported
from hwsim.spec.library import find
from hwsim.workload.explicit import build_explicit
from hwsim.workload.families.registry import build_family, config_names, is_family, parameter_names
from hwsim.workload.importers.named_files import named_from
from hwsim.workload.importers.registry import importer_for, importers
from hwsim.workload.spiking.described import SpikingParameters, build_spiking, is_spiking
from hwsim.workload.spiking.graph.described import GraphParameters, build_graph, is_graph
from hwsim.workload.workload import Workload


def load_workload(
    name_or_path: str, overrides: tuple[str, ...] = (), allow_unknown: bool = False
) -> Workload:
    """Read a workload from a file or the library and apply ``--set workload.`` overrides.

    Args:
        name_or_path: our YAML, an ``.onnx`` or ``.nir`` graph, a Hugging Face ``config.json``, a SCALE-Sim
            topology ``.csv``, a folder with a spiking network's tables, or the name of a workload in
            ``workloads/``.
        overrides: ``batch=8`` for a parameter, ``config.layers=2`` for any other key; without ``workload.``.
        allow_unknown: model operators nobody knows by their bytes instead of refusing them.

    Raises:
        InputError: the file or an override is at fault, with its position.
    """
    return workload_of(apply_overrides(read_workload(name_or_path, allow_unknown), overrides))


def read_workload(name_or_path: str, allow_unknown: bool = False) -> Document:
    """The workload as a document in our own format, whatever the format of the file.

    Raises:
        InputError: the file cannot be read or is not understood.
    """
    path = find("workload", name_or_path)
    importer = importer_for(path)
    if importer is None:
        return load_document(path)
    return imported(importer(path, allow_unknown), path)


def import_workload(
    path: Path, allow_unknown: bool = False, folder: Path | None = None
) -> tuple[str, Workload]:
    """A file in another tool's format as text in our own YAML, and the workload that the text describes.

    Files that the text names are named from ``folder``, where it is to be kept; by default that of ``path``.

    Raises:
        InputError: the file cannot be read, is not understood, or is in our own format already.
    """
    importer = importer_for(path)
    if importer is None:
        endings = ", ".join(f"a folder with {each[1:]}" if each[0] == "/" else each for each in importers())
        raise InputError(f"{str(path)!r} is in no format that can be imported", hint=f"these are: {endings}")
    text = importer(path, allow_unknown)
    workload = workload_of(imported(text, path))
    return (text if folder is None else named_from(text, path, folder)), workload


def workload_of(document: Document) -> Workload:
    """The workload a document describes: a family with a configuration, operators, or a spiking network.

    Raises:
        InputError: the document is at fault, with its position.
    """
    _refuse_other_than_mapping(document)
    with errors_in_the_original():
        if is_spiking(document):
            return build_spiking(document)
        if is_graph(document):
            return build_graph(document)
        return build_family(document) if is_family(document) else build_explicit(document)


def apply_overrides(document: Document, overrides: tuple[str, ...]) -> Document:
    """``document`` with each ``name=value`` applied: ``name`` is a parameter, or a path of keys from the top.

    Raises:
        InputError: no such parameter or key.
    """
    _refuse_other_than_mapping(document)
    for override in overrides:
        target, _, value = override.partition("=")
        first = target.partition(".")[0]
        parameters = _parameter_names(document)
        if first in parameters:
            document = _with_parameters(document).with_override(
                f"parameters.{target}", value, typed=f"workload.{target}"
            )
        elif first in document.data:
            document = document.with_override(target, value, typed=f"workload.{target}")
        else:
            message = f"--set workload.{override}: there is no parameter {first!r}"
            raise InputError(message, hint=_meant(document, first, parameters))
    return document


def _parameter_names(document: Document) -> list[str]:
    if is_spiking(document):
        return list(SpikingParameters.model_fields)
    return list(GraphParameters.model_fields) if is_graph(document) else parameter_names(document)


def _meant(document: Document, name: str, parameters: list[str]) -> str:
    """A hint: the key of the configuration that is called ``name``, the nearest parameter, or all of them."""
    below = (f"workload.config.{key}" for key in config_names(document) if key == name)
    return one_of(below) or did_you_mean(name, parameters)


def _refuse_other_than_mapping(document: Document) -> None:
    if not isinstance(document.data, dict):
        raise InputError("a workload is a mapping", document.position(), "see 'hwsim new workload'")


def _with_parameters(document: Document) -> Document:
    return document if "parameters" in document.data else document.with_override("parameters", "{}")
