"""Open page: a row stays open until another row of its bank is wanted."""

from __future__ import annotations

from hwsim.engines.dram.row_policies import RowPolicy

POLICY = RowPolicy("a row stays open until another is wanted", "read", "write")
