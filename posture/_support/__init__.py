"""Shared by all rooms: files, paths, addresses, settings and catalogue as files, logs, diagnostics, loading of OpenCV."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
