"""Painting over what a picture must not show (居民身份证: number, birth, address)."""

import io
from collections.abc import Iterable

from xinshu.documents.reading.lines import Line


def blackened(picture: bytes, lines: Iterable[Line]) -> bytes:
    """Return the JPEG with a grey bar over every one of these lines, wider than the words by a little."""
    from PIL import Image, ImageDraw  # only the worker needs it

    image = Image.open(io.BytesIO(picture), formats=("JPEG",)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for line in lines:
        left, top, right, bottom = line.box
        more = max(4, (bottom - top) // 6)
        pen.rectangle(
            ((left - 6) * image.width / 1000, (top - more) * image.height / 1000,
             (right + 6) * image.width / 1000, (bottom + more) * image.height / 1000),
            fill=(120, 128, 138),
        )  # fmt: skip
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
