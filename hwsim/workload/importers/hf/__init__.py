"""Hugging Face model types: one module a family, with ``TRANSLATORS`` from model type to translator."""
