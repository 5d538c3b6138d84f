"""Text files that users write with whatever editor they have."""

from __future__ import annotations

import codecs


def text_of(content: bytes) -> str:
    """Return a text file's content as text, its line ends as they are: UTF-8, or UTF-16 with the byte-order mark that Windows gives it.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")
