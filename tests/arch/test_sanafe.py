"""SANA-FE's architecture files as machines."""

from __future__ import annotations

import pytest

from hwsim.arch.load import load_arch
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.spec.errors import InputError
from hwsim.validation.registry import SHIPPED

MESH_SMALL = (SHIPPED / "sanafe" / "arch" / "mesh_small.yaml").read_text()


def load(tmp_path, text):
    file = tmp_path / "chip.yaml"
    file.write_text(text)
    return chip_of(load_arch(str(file)))


def test_names_with_ranges_stand_for_many(tmp_path):
    chip = load(tmp_path, MESH_SMALL)
    assert [(core.tile, core.port) for core in chip.cores] == [(t, p) for t in range(4) for p in range(2)]
    assert [(unit.name, unit.count) for unit in chip.kinds[0].somas] == [("lif", 1), ("inp", 128)]
    assert chip.mesh.energy == {
        "hop_north": 1.1e-12,
        "hop_east": 1.7e-12,
        "hop_south": 1.3e-12,
        "hop_west": 1.9e-12,
    }
    assert chip.barrier(3) == 2.5e-07


@pytest.mark.parametrize(("tiles", "seconds"), [(0, 6e-7), (1, 6e-7), (3, 1e-6), (28, 1.4e-6), (32, 1.8e-6)])
def test_the_barrier_is_looked_up_by_tiles_in_use(tiles, seconds):
    chip = chip_of(load_arch(str(SHIPPED / "sanafe" / "arch" / "loihi_like.yaml")))
    assert chip.barrier(tiles) == seconds


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("link_buffer_size: 4", "link_bufer_size: 4", "chip.yaml:6:5: unknown attribute 'link_bufer_size'"),
        ("width: 2", "wide: 2", "unknown attribute 'wide'"),
        ("model: leaky_integrate_fire", "model: leaky", "model 'leaky' is not known"),
        (
            "latency_sync: 2.5e-07",
            "latency_sync: soon",
            "sync_model 'fixed' does not go with latency_sync 'soon'",
        ),
        ("buffer_position: soma", "buffer_position: axon_out", "buffer_position 'axon_out' is not modelled"),
        ("energy_message_in: 2e-12", "energy_message_in: much", "energy_message_in: 'much' is not a number"),
        ("model: accumulator", "model: accumulator_with_delay", "isolated spikes are lost"),
        ("height: 2", "height: 1", "4 tiles do not fit a mesh of 2 x 1"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, before, after, says):
    assert before in MESH_SMALL
    with pytest.raises(InputError) as error:
        load(tmp_path, MESH_SMALL.replace(before, after))
    assert says in str(error.value)
