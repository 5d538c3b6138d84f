"""A live session: its loop, its status, its notifications, and the control channel to other processes of the same user."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
