"""Spiking networks: neurons, synapses and spike trains, neuron by neuron."""
