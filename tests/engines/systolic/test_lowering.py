"""Convolution as a product: sizes against the windows counted one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.systolic.lowering import Conv, Gemm, output_size


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9))
def test_output_size_counts_windows(ifmap, window, stride):
    """Windows start every ``stride`` while one that starts a stride earlier lies inside whole."""
    if window <= ifmap:
        starts = [start for start in range(0, ifmap + stride, stride) if start - stride + window < ifmap]
        assert output_size(ifmap, window, stride) == max(1, len(starts))


def test_a_layer_of_resnet50():
    conv = Conv(58, 58, 3, 3, channels=128, filters=128, stride_h=2, stride_w=2)
    # SCALE-Sim rounds up: 29 windows where most frameworks make 28 of the same padded input.
    assert conv.lowered() == Gemm(M=29 * 29, N=128, K=1152)


def test_depthwise_and_batch():
    conv = Conv(9, 9, 3, 3, channels=32, filters=64, groups=32, batch=4)
    assert conv.lowered() == Gemm(M=4 * 49, N=2, K=9, groups=32)
    assert conv.lowered().macs == 4 * 49 * 64 * 9
