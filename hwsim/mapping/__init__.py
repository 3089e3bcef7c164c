"""From workload and machine to a plan."""
