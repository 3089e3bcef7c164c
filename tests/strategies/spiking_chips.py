"""Machines for the tests, as YAML."""

from __future__ import annotations

from hwsim.arch.load import arch_of
from hwsim.spec.document import parse_document

MESH = """
name: test_mesh
source: made up for tests
clock: 1 GHz
technology: cmos_45nm
components:
  mesh:
    class: spike_mesh
    width: 2
    height: 3
    link_buffer: {link_buffer}
    flits: {flits}
    flit_latency: {flit_latency}
    hop_latency: {{north: 3 ns, east: 3 ns, south: 3 ns, west: 3 ns}}
    energy: {{hop_north: 1 pJ, hop_east: 1.5 pJ, hop_south: 1 pJ, hop_west: 1.5 pJ}}
    barrier: [{{tiles: 0, latency: 100 ns}}]
    leakage: 1 mW
    components:
      tile:
        class: container
        fanout: 6
        components:
          core:
            class: neuromorphic_core
            neurons: {neurons}
            buffer: {buffer}
            buffer_inside_unit: {inside}
            synapse_memory: {memory}
            components:
              ain: {{class: axon_in, latency: 5 ns, energy: {{message: 1 pJ}}}}
              syn: {{class: synapse, latency: 2 ns, bytes_per_synapse: 1, energy: {{synaptic_op: 8 pJ}}}}
              den: {{class: dendrite, model: {dendrite}, max_delay: 5, energy: {{update: 2 pJ}}}}
              som:
                class: soma
                models: [lif, truenorth, linear, alif, eif, izhikevich, loihi, egru]
                graded: {graded}
                latency: {{access: 2 ns, update: 1 ns, spike: 6 ns}}
                energy: {{access: 10 pJ, update: 5 pJ, spike: 20 pJ}}
              inp:
                class: soma
                models: [input]
                fanout: 4
                energy: {{access: 0 pJ, update: 1 pJ, spike: 1 pJ}}
              aout: {{class: axon_out, latency: 4 ns, energy: {{message: 20 pJ}}}}
"""


def mesh(**changes):
    """A 2 x 3 mesh with one core a tile."""
    chosen = {
        "neurons": 64,
        "buffer": "soma",
        "inside": "false",
        "dendrite": "accumulator",
        "memory": "64 KiB",
        "link_buffer": 1,
        "flits": "null",
        "flit_latency": "0 ns",
        "graded": "false",
        **changes,
    }
    return arch_of(parse_document(MESH.format(**chosen), "mesh.yaml"))
