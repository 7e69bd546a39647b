"""What goes with spec files without being one: it lies in their folder, or above the folders of several."""

from __future__ import annotations

from pathlib import Path


def beside(path: Path, name: str) -> Path:
    """The file or folder `name` that goes with a spec file: the one in its folder, or else the one above it."""
    near, above = (folder / name for folder in path.absolute().parents[:2])
    return near if near.exists() else above
