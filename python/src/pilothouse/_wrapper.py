"""A word from the SDK to the wrapper around its script (`pilothouse run`), by a file that the wrapper named: that it is there
(`init`), and that it reports numbers itself (`log`). The wrapper then reads none from what the script prints."""

from __future__ import annotations

from ._settings import Settings


def tell_wrapper(settings: Settings, word: str) -> None:
    """Writes the word. A file that cannot be written is no matter: the server sorts out what comes twice."""
    if settings.wrapped and settings.wrapper_file is not None:
        try:
            settings.wrapper_file.write_text(word, encoding="ascii")
        except OSError:
            pass
