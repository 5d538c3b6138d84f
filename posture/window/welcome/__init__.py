"""The first run, and a calibration, with the live picture."""
