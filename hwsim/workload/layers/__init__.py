"""What builders of workloads call: one function a kind of layer, each adding its operators to a graph."""
