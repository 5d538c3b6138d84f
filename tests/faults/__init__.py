"""Faults, really injected: kills, full disks, damaged files, clocks, cameras, parts that fail."""
