"""NIR graphs: what is imported spikes like plain numpy; what cannot be is refused by name."""

from __future__ import annotations

from itertools import pairwise

import h5py
import numpy as np
import pytest
from strategies.plain_network import run_plainly, write_nir

from hwsim.arch.load import load_arch
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.run import run_network
from hwsim.spec.errors import InputError
from hwsim.workload.load import import_workload, load_workload

DT = 2.0**-10
"""A power of two, as every other number here: sums are exact whatever their order."""
STEPS = 40


def eighths(*shape, seed=0, spread=6):
    return np.random.default_rng(seed).integers(-spread, spread + 1, shape) / 8


def lif(*shape, **other):
    ones = np.ones(shape)
    given = {"tau": ones * 4 * DT, "r": ones * 2, "v_leak": ones * 0.25, "v_threshold": ones * 0.5}
    return ("LIF", {**given, "v_reset": ones * -0.25, **other})


def cuba(kind, *shape):
    ones = np.ones(shape)
    given = {
        "tau_syn": ones * 2 * DT,
        "tau_mem": ones * 4 * DT,
        "r": ones,
        "v_leak": ones * 0.125,
        "w_in": ones * 4,
    }
    if kind == "CubaLIF":
        given |= {"v_threshold": ones * 0.5, "v_reset": ones * 0}
    return (kind, given)


def chain(*nodes):
    names = [f"n{number}" for number in range(len(nodes))]
    return dict(zip(names, nodes, strict=True)), list(pairwise(names))


def conv(kind, weight, **other):
    flat = 1 if kind == "Conv1d" else 2
    one = 1 if flat == 1 else np.ones(2, dtype=int)
    given = {"weight": weight, "stride": one, "padding": one * 0, "dilation": one, "groups": 1}
    return (kind, {**given, "bias": eighths(len(weight), seed=9), "input_shape": [8] * flat, **other})


POOL = {"kernel_size": np.array([2, 2]), "stride": np.array([2, 2]), "padding": np.array([1, 0])}
FLAT = ("Flatten", {"start_dim": 0, "end_dim": -1, "input_type": [4, 4, 4]})
IMAGE = ("Input", {"shape": np.array([2, 8, 8])})
LINE = ("Input", {"shape": np.array([12])})

GRAPHS = {
    "affine_lif": chain(LINE, ("Affine", {"weight": eighths(9, 12), "bias": eighths(9)}), lif(9)),
    "affine_cuba": chain(
        LINE, ("Affine", {"weight": eighths(9, 12), "bias": eighths(9)}), cuba("CubaLIF", 9)
    ),
    "scale_if": chain(
        LINE,
        ("Scale", {"scale": eighths(12)}),
        ("IF", {"r": np.full(12, 1 / DT), "v_threshold": np.full(12, 1.0), "v_reset": np.full(12, 0.0)}),
    ),
    "conv2d": chain(IMAGE, conv("Conv2d", eighths(4, 2, 3, 3), padding=np.array([1, 1])), lif(4, 8, 8)),
    "conv2d_strided": chain(
        IMAGE,
        conv("Conv2d", eighths(4, 1, 3, 2), groups=2, stride=np.array([2, 1]), dilation=np.array([1, 2])),
        lif(4, 3, 6),
    ),
    "conv2d_same": chain(IMAGE, conv("Conv2d", eighths(3, 2, 4, 3), padding="same"), lif(3, 8, 8)),
    "conv1d": chain(
        ("Input", {"shape": np.array([3, 8])}),
        conv("Conv1d", eighths(2, 3, 3), stride=2, padding=1, input_shape=8),
        lif(2, 4),
    ),
    "pools": chain(
        IMAGE,
        ("SumPool2d", POOL),
        conv("Conv2d", eighths(4, 2, 2, 1)),
        lif(4, 4, 4),
        ("AvgPool2d", {**POOL, "padding": np.array([0, 0])}),
        FLAT,
        ("Linear", {"weight": eighths(5, 16)}),
        lif(5),
    ),
    "threshold": chain(
        LINE, ("Linear", {"weight": eighths(9, 12)}), ("Threshold", {"threshold": np.full(9, 0.5)})
    ),
    "li_threshold": chain(
        LINE,
        ("Linear", {"weight": eighths(9, 12)}),
        ("LI", {"tau": np.full(9, 4 * DT), "r": np.ones(9), "v_leak": np.zeros(9)}),
        ("Threshold", {"threshold": np.full(9, 0.25)}),
        ("Linear", {"weight": eighths(4, 9)}),
        lif(4),
    ),
    "cubali_threshold": chain(LINE, cuba("CubaLI", 12), ("Threshold", {"threshold": np.full(12, 0.25)})),
    "i_threshold": chain(
        LINE, ("I", {"r": np.full(12, 1 / DT)}), ("Threshold", {"threshold": np.full(12, 2.0)})
    ),
    "recurrent": (
        {
            "in": LINE,
            "fc": ("Linear", {"weight": eighths(9, 12)}),
            "lif": lif(9),
            "back": ("Linear", {"weight": eighths(9, 9, seed=3)}),
            "late": ("Delay", {"delay": np.full(9, 3 * DT)}),
            "out": ("Output", {"shape": np.array([9])}),
        },
        [("in", "fc"), ("fc", "lif"), ("lif", "late"), ("late", "back"), ("back", "lif"), ("lif", "out")],
    ),
}


def trains(nodes, rate=0.4):
    random = np.random.default_rng(5)
    return {
        name: (random.random((STEPS, *a["shape"])) < rate).astype(float)
        for name, (kind, a) in nodes.items()
        if kind == "Input"
    }


def imported(tmp_path, nodes, edges, *overrides):
    write_nir(tmp_path / "net.nir", nodes, edges)
    given = (f"dt={DT!r} s", f"timesteps={STEPS}", *overrides)
    return load_workload(str(tmp_path / "net.nir"), given)


def fed(tmp_path, spikes):
    begin, lines = 0, ["id,steps"]
    for train in spikes.values():
        flat = train.reshape(STEPS, -1)
        lines += [
            f"{begin + neuron},{' '.join(str(t + 1) for t in np.flatnonzero(flat[:, neuron]))}"
            for neuron in range(flat.shape[1])
        ]
        begin += flat.shape[1]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")


def raster_of(network):
    run = run_network(chip_of(load_arch("loihi")), network, np.zeros(network.neurons, dtype=np.int64))
    found = np.zeros((STEPS, network.neurons))
    for t in range(STEPS):
        found[t, run.fired[run.begin[t] : run.begin[t + 1]]] = 1
    return found


@pytest.mark.parametrize("method", ["forward_euler", "exponential"])
@pytest.mark.parametrize("name", GRAPHS)
def test_spikes_are_those_of_plain_numpy(tmp_path, name, method):
    nodes, edges = GRAPHS[name]
    spikes = trains(nodes)
    fed(tmp_path, spikes)
    network = imported(tmp_path, nodes, edges, "input_spikes=in.csv", f"method={method}").network
    said = run_plainly(nodes, edges, spikes, DT, STEPS, method == "exponential")
    found = raster_of(network)
    fired = 0
    for number, population in enumerate(network.populations):
        ours = found[:, network.population == number]
        last = population.name
        after = [b for a, b in edges if a == last and nodes[b][0] == "Threshold"]
        plain = np.array([each.reshape(-1) for each in said[after[0] if nodes[last][0] in _SILENT else last]])
        assert (ours == plain).all(), f"{last}: first at step {np.argwhere(ours != plain)[0]}"
        fired += int(ours.sum()) if population.model != "input" else 0
    assert fired > STEPS // 4


_SILENT = ("LI", "CubaLI", "I")


def test_graphs_within_graphs_are_laid_flat(tmp_path):
    inner = {
        "i": ("Input", {"shape": np.array([9])}),
        "lif": lif(9),
        "rec": ("Linear", {"weight": eighths(9, 9)}),
        "o": ("Output", {"shape": np.array([9])}),
    }
    loop = [("i", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "o")]
    fc = ("Linear", {"weight": eighths(9, 12)})
    last = lif(9)
    nested = {"in": LINE, "fc": fc, "sub": (inner, loop), "last": last}
    flat = {"in": LINE, "fc": fc, "sub.lif": inner["lif"], "sub.rec": inner["rec"], "last": last}
    edges = [
        ("in", "fc"),
        ("fc", "sub.lif"),
        ("sub.lif", "sub.rec"),
        ("sub.rec", "sub.lif"),
        ("sub.lif", "last"),
    ]
    one = imported(tmp_path, nested, [("in", "fc"), ("fc", "sub"), ("sub", "last")]).network
    other = imported(tmp_path, flat, edges).network
    assert [each.name for each in one.populations] == ["in", "sub.lif", "last"]
    assert (raster_of(one) == raster_of(other)).all()
    assert raster_of(one)[:, 12:].sum() > STEPS


def test_what_is_imported_can_be_kept_edited_and_run(tmp_path):
    nodes, edges = GRAPHS["conv2d"]
    write_nir(tmp_path / "net.nir", nodes, edges)
    (tmp_path / "deep").mkdir()
    text, workload = import_workload(tmp_path / "net.nir", folder=tmp_path / "deep")
    (tmp_path / "deep" / "net.yaml").write_text(text)
    kept = load_workload(str(tmp_path / "deep" / "net.yaml"))
    assert (raster_of_all(kept.network) == raster_of_all(workload.network)).all()
    scaled = load_workload(str(tmp_path / "deep" / "net.yaml"), ("nodes.n2.v_threshold=1000",))
    assert raster_of_all(scaled.network)[128:].sum() == 0


def raster_of_all(network):
    return np.asarray(
        run_network(chip_of(load_arch("loihi")), network, np.zeros(network.neurons, int)).record.spikes_of
    )


def test_files_of_the_package_nir_are_read(tmp_path):
    nir = pytest.importorskip("nir", reason="the package nir, a second writer of its files, is not installed")
    graph = nir.NIRGraph(
        nodes={
            "in": nir.Input(np.array([2, 8, 8])),
            "conv": nir.Conv2d((8, 8), eighths(4, 2, 3, 3), 2, 1, 1, 1, eighths(4)),
            "lif": nir.LIF(*(np.full((4, 4, 4), x) for x in (4 * DT, 2.0, 0.0, 0.5))),
            "flat": nir.Flatten({"input": np.array([4, 4, 4])}, 0, -1),
            "fc": nir.Affine(eighths(5, 64), eighths(5)),
            "cuba": nir.CubaLIF(*(np.full(5, x) for x in (2 * DT, 4 * DT, 2.0, 0.0, 0.5))),
            "out": nir.Output(np.array([5])),
        },
        edges=[
            ("in", "conv"),
            ("conv", "lif"),
            ("lif", "flat"),
            ("flat", "fc"),
            ("fc", "cuba"),
            ("cuba", "out"),
        ],
    )
    nir.write(tmp_path / "net.nir", graph)
    network = load_workload(str(tmp_path / "net.nir"), (f"dt={DT!r} s", f"timesteps={STEPS}")).network
    nodes = {
        "in": IMAGE,
        "conv": conv(
            "Conv2d", eighths(4, 2, 3, 3), bias=eighths(4), stride=np.array([2, 2]), padding=np.array([1, 1])
        ),
        "lif": lif(4, 4, 4, v_leak=np.zeros((4, 4, 4)), v_reset=np.zeros((4, 4, 4))),
        "flat": FLAT,
        "fc": ("Affine", {"weight": eighths(5, 64), "bias": eighths(5)}),
        "cuba": cuba("CubaLIF", 5),
    }
    nodes["cuba"][1].update(w_in=np.ones(5), r=np.full(5, 2.0), v_leak=np.zeros(5))
    own = raster_of(network)
    spikes = {"in": own[:, :128].reshape(STEPS, 2, 8, 8)}
    said = run_plainly(nodes, [(a, b) for a, b in graph.edges if b != "out"], spikes, DT, STEPS)
    plain = np.array([np.concatenate([said["lif"][t].reshape(-1), said["cuba"][t]]) for t in range(STEPS)])
    assert (own[:, 128:] == plain).all()
    assert plain[:, -5:].sum() > 0


def test_a_convolution_keeps_its_weights_once(tmp_path):
    nodes, edges = GRAPHS["conv2d"]
    network = imported(tmp_path, nodes, edges).network
    assert network.synapses > 2000
    assert len(np.unique(network.word)) == np.count_nonzero(eighths(4, 2, 3, 3))


BAD = {
    "type": (lambda n: n["lif"].update(t="LIFX"), "'LIFX'", "did you mean 'LIF'"),
    "missing": (lambda n: n["lif"]["a"].pop("r"), "the attribute 'r' is missing", ""),
    "nan": (
        lambda n: n["fc"]["a"].update(weight=np.full((9, 12), np.nan)),
        "weight has nan at entry 0 of 108",
        "",
    ),
    "size": (lambda n: n["fc"]["a"].update(weight=eighths(9, 11)), "gets 12, its weight has 11 inputs", ""),
    "tau": (lambda n: n["lif"]["a"].update(tau=np.zeros(9)), "tau must be above 0", ""),
    "short_tau": (
        lambda n: n["lif"]["a"].update(tau=np.full(9, DT / 2)),
        "below the time step",
        "exponential",
    ),
    "neurons": (lambda n: n["lif"]["a"].update(tau=np.full(8, 1.0)), "tau has 8, the input 9", ""),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_fault_in_a_node_is_said_of_the_node(tmp_path, fault):
    damage, says, hint = BAD[fault]
    parts = {
        "in": {"t": "Input", "a": {"shape": np.array([12])}},
        "fc": {"t": "Affine", "a": {"weight": eighths(9, 12), "bias": eighths(9)}},
        "lif": {"t": "LIF", "a": dict(lif(9)[1])},
    }
    damage(parts)
    nodes = {name: (part["t"], part["a"]) for name, part in parts.items()}
    with pytest.raises(InputError) as error:
        imported(tmp_path, nodes, [("in", "fc"), ("fc", "lif")])
    assert says in error.value.message
    assert hint in (error.value.hint or "")
    assert error.value.position.file == str(tmp_path / "net.nir")


def test_a_potential_is_not_sent_as_spikes(tmp_path):
    li = ("LI", {"tau": np.full(12, 4 * DT), "r": np.ones(12), "v_leak": np.zeros(12)})
    nodes, edges = chain(LINE, li, ("Linear", {"weight": eighths(9, 12)}), lif(9))
    with pytest.raises(InputError, match=r"'n1' .LI.: sends its potential to 'n2'"):
        imported(tmp_path, nodes, edges)


def test_edges_and_loops_are_checked(tmp_path):
    nodes, edges = GRAPHS["affine_lif"]
    with pytest.raises(InputError, match="'n7', which is no node"):
        imported(tmp_path, nodes, [*edges, ("n2", "n7")])
    a, b = ("Linear", {"weight": np.eye(9)}), ("Linear", {"weight": np.eye(9)})
    with pytest.raises(InputError, match="its size cannot be told"):
        imported(tmp_path, {"in": LINE, "a": a, "b": b}, [("a", "b"), ("b", "a")])


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(tmp_path, share):
    nodes, edges = GRAPHS["pools"]
    write_nir(tmp_path / "net.nir", nodes, edges)
    whole = (tmp_path / "net.nir").read_bytes()
    (tmp_path / "net.nir").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError) as error:
        load_workload(str(tmp_path / "net.nir"))
    assert error.value.position.file == str(tmp_path / "net.nir")


def test_other_hdf5_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "net.nir", "w") as file:
        file.create_dataset("version", data="2.1", dtype=h5py.string_dtype())
    with pytest.raises(InputError, match=r"version '2.1'"):
        load_workload(str(tmp_path / "net.nir"))
    with h5py.File(tmp_path / "net.nir", "w") as file:
        file.create_group("weights")
    with pytest.raises(InputError, match="no group 'node'"):
        load_workload(str(tmp_path / "net.nir"))


def test_an_input_table_that_names_no_input_is_refused(tmp_path):
    nodes, edges = GRAPHS["affine_lif"]
    (tmp_path / "in.csv").write_text("id,steps\n12,3\n")
    with pytest.raises(InputError, match="there is no neuron 12"):
        imported(tmp_path, nodes, edges, "input_spikes=in.csv")
