"""Recorded files: found, measured in parts, analysed one or many at a time, resumed; and the library."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
