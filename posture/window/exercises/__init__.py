"""The exercises, with drawings and timer."""
