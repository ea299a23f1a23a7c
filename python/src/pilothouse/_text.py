"""Text as the wire takes it: valid Unicode, cut to its bound, secrets of URLs left out."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


def clean_text(text: str) -> str:
    """Replaces lone surrogates, which UTF-8 cannot carry."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def cut_text(text: str, length_max: int) -> str:
    """At most `length_max` characters, the last one «…» when something was cut."""
    text = clean_text(text)
    return text if len(text) <= length_max else text[: length_max - 1] + "…"


def cut_middle(text: str, length_max: int) -> str:
    """At most `length_max` characters: the beginning and the end, with a mark between them."""
    text = clean_text(text)
    if len(text) <= length_max:
        return text
    half = (length_max - 64) // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def cut_line(text: str, bytes_max: int) -> str:
    """At most `bytes_max` bytes of UTF-8; what is missing is said at the end."""
    text = clean_text(text)
    if len(text) * 4 <= bytes_max:
        return text
    encoded = text.encode("utf-8")
    if len(encoded) <= bytes_max:
        return text
    kept = encoded[: bytes_max - 64].decode("utf-8", "ignore")
    return f"{kept} … ({len(encoded) - len(kept.encode('utf-8'))} bytes left out)"


def hide_credentials(url: str) -> str:
    """The same URL without the user name and password in it."""
    return _CREDENTIALS.sub("", url)
