"""Exercises: what they move, how often somebody did, and how far. What is exported is in ``posture.engine``."""
