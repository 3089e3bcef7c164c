"""Hugging Face model types: one module a family, each with a ``TRANSLATORS`` mapping from model type to
translator."""
