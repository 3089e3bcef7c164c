"""Spiking networks layer by layer: a graph of NIR's nodes, built into neurons and synapses."""
