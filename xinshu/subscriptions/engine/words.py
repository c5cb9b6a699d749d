"""How texts and keywords are written before they are compared: half-width, small, Chinese without blanks."""

import re
import unicodedata

_UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_BESIDE_CHINESE = re.compile(r"(?<![\x21-\x7e]) | (?![\x21-\x7e])")
_LINES = re.compile(r" ?\n[\n ]*")


def normalise(text: str) -> str:
    """Return `text` as it is compared. Lines stay apart: what stands in two cells of a table is no one word."""
    text = unicodedata.normalize("NFKC", text).lower()
    if not text.isprintable():
        text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BLANKS.sub(" ", text)
    if "\n" in text:
        text = _LINES.sub("\n", text).strip("\n")
    return _BESIDE_CHINESE.sub("", text)
