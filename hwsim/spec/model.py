"""The base of every typed object a user describes, and its validation with errors in the user's words."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hwsim.spec import nodes
from hwsim.spec.document import Document
from hwsim.spec.errors import InputError
from hwsim.spec.fields import fault
from hwsim.spec.schema import json_schema
from hwsim.spec.wording import first_error

__all__ = ["Spec", "fault", "json_schema", "validate"]


class Spec(BaseModel):
    """Strict, frozen, without unknown keys; the text under a field documents it, also in the JSON Schema."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )


Model = TypeVar("Model", bound=BaseModel)


def validate(model_type: type[Model], document: Document, path: nodes.Path = ()) -> Model:
    """The ``model_type`` that the data at ``path`` of ``document`` describes.

    Validated as JSON is: where the field says so, a list becomes a tuple, a text a member of an enum.

    Raises:
        InputError: the first thing wrong in the order of the file, and where else something is wrong.
    """
    data = document.value(path)
    try:
        return model_type.model_validate_json(json.dumps(data))
    except InputError as error:
        raise error.at(document.position(path)) from error
    except ValidationError as error:
        raise first_error(model_type, error, document, path) from error
