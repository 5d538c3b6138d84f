"""The desktop by ability, with one file for each system: presence, tray, notifications, start at login."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
