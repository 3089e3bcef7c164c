"""The component tree and the component classes."""
