"""Every relative link of the documentation leads to a file in the repository, and to a heading that is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z]+:")


def broken_links(page: Path, text: str, tracked: set[Path]) -> list[str]:
    """The relative links in a page's text that lead to no tracked file, or to no heading of one; paths are absolute."""
    links = [link for link in _LINK.findall(_CODE.sub("", _FENCED.sub("", text))) if not _ELSEWHERE.match(link)]
    return [link for link in links if not _leads_somewhere(page, text, link, tracked)]


def _leads_somewhere(page: Path, text: str, link: str, tracked: set[Path]) -> bool:
    name, _, heading = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if name and not any(path == target or target in path.parents for path in tracked):
        return False
    return not heading or heading in anchors(target.read_text(encoding="utf-8") if name else text)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(_FENCED.sub("", text)))
    return {heading.replace(" ", "-") for heading in headings}


@pytest.fixture(scope="module")
def tracked() -> set[Path]:
    """The files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    return {ROOT / name for name in listed.stdout.split("\0") if name}


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_lead_to_what_the_repository_holds(page: Path, tracked: set[Path]) -> None:
    assert broken_links(page, page.read_text(encoding="utf-8"), tracked) == []


@pytest.mark.parametrize(
    ("link", "breaks"),
    [
        ("other.md", False),
        ("../README.md", False),
        ("folder", False),
        ("other.md#a-heading-of-two", False),
        ("#here", False),
        ("https://example.org/absent.md", False),
        ("absent.md", True),
        ("untracked.md", True),
        ("other.md#absent", True),
        ("#absent", True),
    ],
)
def test_a_broken_link_is_found(tmp_path: Path, link: str, breaks: bool) -> None:
    docs = tmp_path.resolve() / "docs"
    (docs / "folder").mkdir(parents=True)
    for name in ("other.md", "untracked.md"):
        (docs / name).write_text("# A heading, of `two`\n", encoding="utf-8")
    tracked = {docs.parent / "README.md", docs / "other.md", docs / "folder" / "file.txt"}
    text = f"# Here\n\n[a link]({link}) beside `[code](absent.md)`\n\n```\n[code](absent.md)\n```\n"
    assert broken_links(docs / "page.md", text, tracked) == ([link] if breaks else [])
