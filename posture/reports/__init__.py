"""Reports of a recording, an archive, one's own days and an exercise: tables, pictures, pages, terminal."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
