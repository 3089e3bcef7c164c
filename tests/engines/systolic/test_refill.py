"""DRAM reads by SCALE-Sim's rule: closed forms and compiled walks against a plain walk over every demand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.systolic import refill, refill_walk
from hwsim.engines.systolic.folds import fold_shape
from hwsim.engines.systolic.lowering import Conv, Gemm

dataflows = st.sampled_from(["output_stationary", "weight_stationary", "input_stationary"])
arrays = st.integers(1, 9)


def folds(size, step):
    return [range(start, min(start + step, size)) for start in range(0, size, step)]


def streamed(lanes, steps, word):
    """One fold of a streamed operand: lane by lane in each cycle, each lane a cycle behind."""
    for cycle in range(len(steps) + len(lanes) - 1):
        for skew, lane in enumerate(lanes):
            if 0 <= cycle - skew < len(steps):
                yield word(lane, steps[cycle - skew])


def ifmap_demands(rows, cols, dataflow, gemm, word):
    """Words of the M x K operand in the order the array asks for them; ``word(m, k)`` may be None."""
    Sr, Sc, _ = fold_shape(dataflow, gemm.M, gemm.N, gemm.K)
    for column in folds(Sc, cols):
        for row in folds(Sr, rows):
            if dataflow == "output_stationary":
                yield from streamed(row, range(gemm.K), word)
            elif dataflow == "weight_stationary":
                yield from streamed(row, range(gemm.M), lambda k, m: word(m, k))
            else:
                yield from (word(m, k) for k in reversed(row) for m in column)


def filter_demands(rows, cols, dataflow, gemm):
    Sr, Sc, _ = fold_shape(dataflow, gemm.M, gemm.N, gemm.K)
    for column in folds(Sc, cols):
        for row in folds(Sr, rows):
            if dataflow == "output_stationary":
                yield from streamed(column, range(gemm.K), lambda n, k: (k, n))
            elif dataflow == "weight_stationary":
                yield from ((k, n) for k in reversed(row) for n in column)
            else:
                yield from streamed(row, range(gemm.N), lambda k, n: (k, n))


def misses(demands, capacity):
    held, reads = set(), 0
    for word in demands:
        if word is not None and word not in held:
            reads += 1
            held.add(word)
            if len(held) == capacity:
                held.clear()
    return reads


def word_of(conv):
    """The input element that pixel m and window place k ask for, or None outside the input."""

    def word(m, k):
        window_row, rest = divmod(k, conv.filter_w * conv.channels)
        window_col, channel = divmod(rest, conv.channels)
        y = m // conv.out_w * conv.stride_h + window_row
        x = m % conv.out_w * conv.stride_w + window_col
        return (y, x, channel) if y < conv.ifmap_h and x < conv.ifmap_w else None

    return word


@st.composite
def convs(draw):
    filter_h, filter_w = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    size = st.integers(0, 9)
    return Conv(
        ifmap_h=filter_h + draw(size),
        ifmap_w=filter_w + draw(size),
        filter_h=filter_h,
        filter_w=filter_w,
        channels=draw(st.integers(1, 4)),
        filters=draw(st.integers(1, 20)),
        stride_h=(stride := draw(st.integers(1, 5))),
        stride_w=stride,
    )


def with_capacity(capacity, count, *arguments):
    """Run ``count`` as if the SRAM held ``capacity`` words: buffers of 1 kB are too big to fill often."""
    original = refill.buffer_words
    refill.buffer_words = lambda sram_kb: capacity
    try:
        return count(*arguments, 1)
    finally:
        refill.buffer_words = original


@settings(max_examples=150, deadline=None)
@given(arrays, arrays, dataflows, convs(), st.integers(1, 90))
def test_ifmap_of_a_convolution(rows, cols, dataflow, conv, capacity):
    demands = ifmap_demands(rows, cols, dataflow, conv.lowered(), word_of(conv))
    ours = with_capacity(capacity, refill.ifmap_reads, rows, cols, dataflow, conv)
    assert ours == misses(demands, capacity)


@settings(max_examples=100, deadline=None)
@given(
    *(arrays, arrays, dataflows),
    *(st.integers(1, 15), st.integers(1, 30), st.integers(1, 15)),
    st.integers(1, 150),
)
def test_both_operands_of_a_product(rows, cols, dataflow, M, N, K, capacity):
    gemm = Gemm(M, N, K)
    ifmap = misses(ifmap_demands(rows, cols, dataflow, gemm, lambda m, k: (m, k)), capacity)
    weights = misses(filter_demands(rows, cols, dataflow, gemm), capacity)
    assert with_capacity(capacity, refill.ifmap_reads, rows, cols, dataflow, gemm) == ifmap
    assert with_capacity(capacity, refill.filter_reads, rows, cols, dataflow, gemm) == weights


def test_passes_are_skipped_when_they_repeat(monkeypatch):
    """Thousands of passes over an input that does not fit cost no more than the first few."""
    conv = Conv(12, 12, 3, 3, channels=2, filters=10_000)
    walked = []
    original = refill_walk.kernels.walk_streamed

    def counted(*arguments):
        walked.append(1)
        original(*arguments)

    monkeypatch.setattr(refill_walk.kernels, "walk_streamed", counted)
    reads = refill_walk.reads(4, 1, "output_stationary", conv, 10_000, 100)
    assert len(walked) < 200
    few = [refill_walk.reads(4, 1, "output_stationary", conv, passes, 100) for passes in (1, 2, 3)]
    assert reads >= 10_000 * (few[1] - few[0]) * 0.9
    demands = list(ifmap_demands(4, 10_000, "output_stationary", conv.lowered(), word_of(conv)))
    assert few == [misses(demands * passes, 100) for passes in (1, 2, 3)]


def test_groups_and_images_run_one_after_another():
    one = Conv(20, 20, 3, 3, channels=1, filters=1)
    many = Conv(20, 20, 3, 3, channels=8, filters=8, groups=8, batch=3)
    alone = refill.ifmap_reads(4, 4, "weight_stationary", one, 1)
    assert refill.ifmap_reads(4, 4, "weight_stationary", many, 1) == 24 * alone
    assert refill.filter_reads(4, 4, "weight_stationary", many.lowered(), 1) == 8 * 9


def test_buffer_words():
    assert [refill.buffer_words(kb) for kb in (1, 2, 3, 64)] == [500, 1000, 1500, 32750]
