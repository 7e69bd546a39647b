"""What reports hold, taken out and put back."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable

from conformance.report.embed import ELEMENT

_PACKED = re.compile(rf'(?P<opening><script type="application/gzip" id="{ELEMENT}">)(?P<data>[^<]*)')


def data_of(page: str) -> str:
    """The JSON that a report holds."""
    match = _PACKED.search(page)
    assert match
    return gzip.decompress(base64.b64decode(match["data"])).decode()


def changed(page: str, change: Callable[[str], str]) -> str:
    """A report whose JSON was changed."""
    text = change(data_of(page))
    packed = base64.b64encode(gzip.compress(text.encode())).decode()
    return _PACKED.sub(lambda match: match["opening"] + packed, page)


def of_older_kind(page: str) -> str:
    """A report as older versions wrote it: with its JSON as it is."""
    opening = f'<script type="application/json" id="{ELEMENT}">'
    return _PACKED.sub(lambda match: opening + data_of(page).replace("<", "\\u003c"), page)
