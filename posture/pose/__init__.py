"""Frames to landmarks of the measured person: weights, landmarker, finder, person tracker, sampler."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
