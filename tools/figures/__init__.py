"""Drawings of the exercises: one figure with a bending spine, its furniture and its scenes."""
