"""Closed page: every column command closes its row."""

from __future__ import annotations

from hwsim.engines.dram.row_policies import RowPolicy

POLICY = RowPolicy("every column command closes its row", "read_and_close", "write_and_close")
