"""HTML pages rendered from a template, with one style and one script. They load nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.html.numbers import counted, three_digits
from conformance.results.visible import visible

_FOLDER = Path(__file__).parent


def part(name: str) -> str:
    """The text of a file in this folder: the style, or the script of every page."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def render(folder: Path, style: str, script: str = "", **values: Any) -> str:
    """The template page.html.j2 of a folder, rendered with these values. Templates have the filters `anchor`, `count`,
    which writes 1,234, and `digits`, which writes three significant digits."""
    environment = Environment(
        loader=FileSystemLoader([folder, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(anchor=anchor, count=counted, digits=three_digits)
    return environment.get_template("page.html.j2").render(
        style=Markup(style), script=Markup(script), policy=_policy(style, script), **values
    )


def anchor(name: str) -> str:
    """A name as part of an address, as JavaScript's encodeURIComponent writes it. Half a character is written as the
    replacement character."""
    whole = name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return quote(whole, safe="!~*'()")


def _shown(value: Any) -> Any:
    """What an expression of the template prints: its text made visible, unless it is markup of the template."""
    return visible(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value


def _policy(style: str, script: str) -> str:
    """A content security policy that allows this style and this script, and nothing else."""
    scripts = _hash(script) if script else "'none'"
    return f"default-src 'none'; style-src {_hash(style)}; script-src {scripts}; img-src data:; base-uri 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
