from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Sample = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Builds result documents: ``sample(layers=2)``."""
    spec = importlib.util.spec_from_file_location("sample_result", Path(__file__).parent / "sample_result.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sample
