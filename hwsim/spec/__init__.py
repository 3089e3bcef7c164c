"""What a user writes, turned into typed objects: YAML with positions, units, models, schemas, names."""
