"""CSV networks: what is read, and that everything wrong has a place."""

from __future__ import annotations

import pytest

from hwsim.spec.errors import InputError
from hwsim.workload.spiking.folder import network_folder
from hwsim.workload.spiking.tables import NetworkTables, read_network

NEURONS = "id,core,unit,threshold,reset_mode\n5,1,lif,7.5,\n2,0,lif,,soft\n9,,inp,,\n"
EDGES = "src,dst,weight,delay\n5,2,-1.5,0\n9,5,3,1\n2,5,4,\n"
TRAINS = "id,steps\n9,7 3 3\n"


@pytest.fixture
def read(tmp_path):
    def read(neurons=NEURONS, edges=EDGES, trains=TRAINS):
        for name, text in (("n.csv", neurons), ("e.csv", edges), ("t.csv", trains)):
            (tmp_path / name).write_text(text)
        return read_network(NetworkTables(tmp_path / "n.csv", tmp_path / "e.csv", tmp_path / "t.csv", 10))

    return read


def test_neurons_come_by_id_and_edges_by_source(read):
    net = read()
    assert net.ids.tolist() == [2, 5, 9]
    assert net.cores.tolist() == [0, 1, -1]
    assert [net.populations[each].unit for each in net.population] == ["lif", "lif", "inp"]
    assert list(
        zip(net.source.tolist(), net.target.tolist(), net.weight.tolist(), net.delay.tolist(), strict=True)
    ) == [
        (0, 1, 4.0, 0),
        (1, 0, -1.5, 0),
        (2, 1, 3.0, 1),
    ]
    assert str(net.parameters["threshold"].tolist()) == "[nan, 7.5, nan]"
    assert str(net.parameters["reset_mode"].tolist()) == "[1.0, nan, nan]"
    assert net.trains[net.train_begin[2] : net.train_begin[3]].tolist() == [3, 7]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"edges": EDGES + "2,77,1,0\n"}, "e.csv:5:3: dst: there is no neuron 77"),
        ({"edges": EDGES + "2,5,nan,0\n"}, "e.csv:5:5: weight is not a number"),
        ({"edges": EDGES + "2,5\n"}, "e.csv:5:"),
        ({"edges": EDGES + "2,5,x,0\n"}, "e.csv:5:5: weight: 'x' is not a number"),
        ({"edges": EDGES + "2,5,1,-1\n"}, "e.csv:5:7: delay must be a whole number of at least 0"),
        ({"edges": EDGES + "2,5,1,0,8\n"}, "e.csv:5:1: the line has 5 cells, the header 4"),
        ({"edges": "from,to\n"}, "e.csv:1:1: column 'src' is missing"),
        ({"neurons": NEURONS + "2,0,lif,,\n"}, "n.csv:5:1: neuron 2 is here twice"),
        (
            {"neurons": NEURONS + "3,0,lif,,sotf\n"},
            "n.csv:5:10: reset_mode: unknown 'sotf'",
        ),
        (
            {"neurons": "id,treshold\n2,2\n5,2\n9,2\n"},
            "n.csv:1:4: unknown parameter 'treshold'; did you",
        ),
        ({"neurons": "id\n1.5\n"}, "n.csv:2:1: id must be a whole number"),
        ({"neurons": "id\n"}, "has no neuron"),
        ({"trains": "id,steps\n9,0 3\n"}, "t.csv:2:3: steps: '0' is not a time step counted from 1"),
        ({"trains": "id,steps\n8,3\n"}, "t.csv:2:1: id: there is no neuron 8"),
    ],
)
def test_what_is_wrong_has_a_place(read, files, says):
    with pytest.raises(InputError) as error:
        read(**files)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "timesteps must be"),
        ('{"timesteps": 3, "synapse": 4}', "synapse must be a text"),
        ("[]", "mapping"),
    ],
)
def test_settings_are_checked(tmp_path, text, says):
    (tmp_path / "case.json").write_text(text)
    with pytest.raises(InputError, match=says):
        network_folder(tmp_path)
