"""Builders of model families from a configuration."""
