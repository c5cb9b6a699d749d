"""Lets a page be read in a process that holds no key and is ended when it takes too long (reading/pages.py)."""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinshu.documents.reading.lines import Line, Sheet, of_rows

ROOT = Path(__file__).resolve().parents[3]  # where `xinshu` is importable from
LONGEST = 16 * 1024 * 1024  # bytes of one answer; a page with its picture has below 2 MB
PAGE_SECONDS = 120  # a page that takes longer than this will not end well
REFUSALS = {
    "kind": _("只能识别 PDF、PNG 和 JPEG。文件已保存，请换成这几种格式再上传。"),
    "locked": _("文件加了密码，打不开。请解除密码后再上传。"),
    "broken": _("文件已损坏，打不开。请重新导出或重新拍照后再上传。"),
    "pages": _("页数超过 80 页，没有识别。请只上传需要识别的部分。"),
    "pixels": _("图片太大，没有识别。请用 300 dpi 扫描或重新拍照。"),
    "small": _("图片太小或太窄，认不出文字。请重新拍照或扫描。"),
}


class Unreadable(Exception):
    """The file cannot be read, now or ever; `code` is one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code if code in REFUSALS else "broken"


class Crashed(Exception):
    """The process that read it ended in a way that says nothing about the file: it is tried again."""


@dataclass(frozen=True)
class Seen:
    """One page: its lines, and its picture as JPEG."""

    sheet: Sheet
    turned: int
    width: int
    height: int
    picture: bytes


def pages_of(
    content: bytes, mime: str, skip: set[int], seconds: float, *, pictures: bool = True
) -> Iterator[int | Seen]:
    """Yield how many pages there are, then those not in `skip`, until the first that ends after `seconds`.

    Without `pictures` a page with a text layer is not drawn, which takes most of the time.

    Raises Unreadable, Crashed.
    """
    wanted = {"mime": mime, "skip": sorted(skip), "seconds": seconds, "pictures": pictures}
    question = json.dumps(wanted).encode() + b"\n"
    child = subprocess.Popen(
        [sys.executable, "-m", "xinshu.documents.reading.pages"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, cwd=str(ROOT),
        env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    feeder = threading.Thread(target=_feed, args=(child.stdin, question + content), daemon=True)
    feeder.start()
    watch: threading.Timer | None = None
    try:
        while True:
            watch = threading.Timer(PAGE_SECONDS, child.kill)
            watch.start()
            line = child.stdout.readline(LONGEST)  # more is no answer: what is cut off is no JSON
            watch.cancel()
            if not line:
                break
            yield told(json.loads(line))
        if child.wait(timeout=10):
            raise Crashed(f"the reader ended with {child.returncode}")
    except (ValueError, KeyError, TypeError, subprocess.SubprocessError) as error:
        raise Crashed(repr(error)) from error
    finally:
        if watch is not None:
            watch.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
        feeder.join(timeout=5)


def _feed(pipe: Any, content: bytes) -> None:
    try:
        pipe.write(content)
        pipe.close()
    except OSError:
        pass  # it ended before it had read everything: its answer, or the lack of one, says why


def told(answer: dict[str, Any]) -> int | Seen:
    """Return what one line of the reader says: how many pages there are, or a page. Raises Unreadable, KeyError."""
    if "refused" in answer:
        raise Unreadable(str(answer["refused"]))
    if "pages" in answer:
        return int(answer["pages"])
    number = int(answer["page"])
    lines: tuple[Line, ...] = tuple(of_rows(answer["lines"], number))
    return Seen(Sheet(number, lines, bool(answer["printed"])), int(answer["turned"]), int(answer["width"]),
                int(answer["height"]), base64.b64decode(answer["picture"]))  # fmt: skip
