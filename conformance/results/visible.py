"""Text of a torch, a child or a results file, made fit to be shown. Whatever shows such text uses `visible`."""

from __future__ import annotations

import unicodedata

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""The Unicode categories of characters that are obeyed or hidden instead of shown: control characters, formatting such
as the direction of text, halves of surrogate pairs, characters without a meaning, separators of lines."""


def visible(text: str, lines: bool = False) -> str:
    r"""The text with an escape such as `\x1b` or `\u202e` for each character that is not shown. With `lines`, line
    breaks and tabs stay."""
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(one if one in kept or is_shown(one) else escape(one) for one in text)


def is_shown(character: str) -> bool:
    """Whether a character is shown as itself."""
    return unicodedata.category(character) not in _HIDDEN


def escape(character: str) -> str:
    """A character as Python escapes it."""
    return character.encode("unicode_escape").decode("ascii")
