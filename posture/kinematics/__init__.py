"""Pose -> Reading in degrees.

``cues`` reduces a pose to a few numbers, ``calibration`` makes a person's neutral out of cues, the estimators turn cues
and neutral into angles with a standard deviation, and ``meter`` puts them together.
"""
