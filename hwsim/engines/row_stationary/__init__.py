"""Row-stationary arrays after Eyeriss: processing passes in closed form, an analytical model."""

from hwsim.engines.row_stationary.array import RowStationaryArray

__all__ = ["RowStationaryArray"]
