"""Reading papers: fields right by kind before and after the sums mend them, wrong amounts told sure, seconds per page.

The papers are drawn (bench/_papers.py): per kind one clean scan, and BENCH_OCR_WORN (1) with wear that goes round:
skewed, turned, noisy, stamped, dark, folded, squeezed. BENCH_OCR_CLEAN (1) says how many clean ones. Beside it the
published invoice (XINSHU_OCR, ../shared/data/ocr). Seconds of processor time on one thread; its peer is the bare
rapidocr call on the same picture in the same run. Every miss goes to standard error.
"""

# ruff: noqa: E501  (a table is read across)

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CLEAN, WORN = int(os.environ.get("BENCH_OCR_CLEAN", "1")), int(os.environ.get("BENCH_OCR_WORN", "1"))
SEED = os.environ.get("BENCH_OCR_SEED", "1")
BARE = 3  # pages on which the bare library is timed, too
PUBLISHED = Path(os.environ.get("XINSHU_OCR", "../shared/data/ocr"))
WANTED, WANTED_CELLS = 97.0, 99.5  # per cent
PUBLISHED_CODES = {
    "发票类型": "invoice_type", "发票代码": "invoice_code", "发票号码": "invoice_number", "开票日期": "issued_on",
    "校验码": "check_code", "机器编号": "machine", "购买方名称": "buyer_name", "销售方名称": "seller_name",
    "销售方纳税人识别号": "seller_code", "金额合计": "net", "税率": "rate", "税额合计": "tax", "价税合计小写": "total",
    "收款人": "payee_person", "开票人": "drawer", "备注": "remark",
}  # fmt: skip
Figure = dict[str, Any]


class Tally:
    """Fields and cells counted, by kind of paper and whether it was a clean scan."""

    def __init__(self) -> None:
        self.count: Counter[tuple[str, str, str]] = Counter()

    def paper(self, kind: str, wear: str, labels: dict[str, str], picture: Any) -> float:
        """Read one picture, hold it against its labels; return how many seconds of processor that took."""
        from xinshu.documents.reading import pages
        from xinshu.documents.reading.lines import Sheet, of_rows
        from xinshu.documents.reading.readers import read_document

        began = time.process_time()
        seen = pages.look(picture)
        found = read_document([Sheet(1, tuple(of_rows(seen["lines"], 1)))])
        seconds = time.process_time() - began
        values = {value.code: value for value in found.values}
        group = "clean" if wear == "clean" else "worn"
        self.count[kind, group, "papers"] += 1
        self.count[kind, group, "kind"] += found.kind == kind
        for code, wanted in labels.items():
            what = "cell" if "|" in code else "field"
            value = values.get(code)
            read, mended = (value.value, value.proposed or value.value) if value else ("", "")
            amount = what == "cell" or code in ("amount", "net", "tax", "total", "registered_capital")
            self.count[kind, group, what] += 1
            self.count[kind, group, f"{what} right"] += read == wanted
            self.count[kind, group, f"{what} mended"] += mended == wanted
            self.count[kind, group, f"{what} asked"] += value is None or not (value.sure or value.depends)
            self.count[kind, group, "silent amounts"] += bool(amount and value and value.sure and read != wanted)
            self.count[kind, group, "silent"] += bool(value and value.sure and read != wanted)
            if mended != wanted:
                sure = value.sure if value else None
                print(
                    f"# {kind} {wear} {code}: {wanted!r} read {read!r} proposed {mended!r} sure {sure}", file=sys.stderr
                )
        return seconds

    def sum(self, what: str, group: str = "", kind: str = "") -> int:
        return sum(n for (k, g, w), n in self.count.items() if w == what and group in ("", g) and kind in ("", k))

    def share(self, right: str, of: str, group: str = "", kind: str = "") -> float:
        return round(100 * self.sum(right, group, kind) / max(1, self.sum(of, group, kind)), 2)


def main() -> Iterator[Figure]:
    """Draw, wear, read; yield the figures."""
    from bench import _papers

    if not next(iter(_papers.FACES.values())).exists():
        print("# no fonts in node_modules: nothing measured", file=sys.stderr)
        return
    timed_bare(_papers.draw("identity", random.Random(0))[0])  # models loaded, caches warm
    tally, spent, bare, wears = Tally(), [], [], [wear for wear in _papers.WEAR if wear != "clean"]
    for number, kind in enumerate(_papers.DRAWN):
        worn = [wears[(number + turn) % len(wears)] for turn in range(WORN)]
        for turn, wear in enumerate(["clean"] * CLEAN + worn):
            chance = random.Random(f"{SEED}:{kind}:{turn}")
            picture, labels = _papers.draw(kind, chance)
            picture = _papers.WEAR[wear](picture, chance)
            spent.append(tally.paper(kind, wear, labels, picture))
            if turn == 0 and len(bare) < BARE:
                bare.append((timed_bare(picture), spent[-1]))
    for kind in _papers.DRAWN:
        yield {
            "figure": f"{kind}: right, clean scan", "unit": "%", "limit": WANTED,
            "value": share_of_all(tally, "right", "clean", kind), "mended": share_of_all(tally, "mended", "clean", kind),
            "worn": share_of_all(tally, "right", "worn", kind), "worn mended": share_of_all(tally, "mended", "worn", kind),
            "of": tally.sum("field", "", kind) + tally.sum("cell", "", kind),
        }  # fmt: skip
    for group in ("clean", "worn"):
        yield {"figure": f"fields right, {group}", "value": tally.share("field right", "field", group), "unit": "%",
               "limit": WANTED if group == "clean" else None, "asked": tally.share("field asked", "field", group)}  # fmt: skip
        yield {"figure": f"statement cells right, {group}", "value": tally.share("cell mended", "cell", group), "unit": "%",
               "limit": WANTED_CELLS, "before repair": tally.share("cell right", "cell", group),
               "asked": tally.share("cell asked", "cell", group)}  # fmt: skip
    yield {"figure": "kinds told", "value": tally.share("kind", "papers"), "unit": "%", "limit": None}
    yield {"figure": "wrong amounts told sure", "value": tally.sum("silent amounts"), "unit": "", "limit": 0,
           "other fields": tally.sum("silent")}  # fmt: skip
    yield {"figure": "seconds a page", "value": round(sum(spent) / len(spent), 2), "unit": "s", "limit": None,
           "same pages, ours": round(sum(ours for _b, ours in bare) / len(bare), 2),
           "same pages, bare rapidocr": round(sum(theirs for theirs, _o in bare) / len(bare), 2)}  # fmt: skip
    yield from published()


def share_of_all(tally: Tally, what: str, group: str, kind: str) -> float:
    """Return the share of fields and cells together."""
    right = tally.sum(f"field {what}", group, kind) + tally.sum(f"cell {what}", group, kind)
    return round(100 * right / max(1, tally.sum("field", group, kind) + tally.sum("cell", group, kind)), 2)


def timed_bare(picture: Any) -> float:
    """Return the seconds of processor of the library's own call, as it comes but for one thread."""
    import numpy as np

    from xinshu.documents.reading import pages

    image = np.asarray(picture)[:, :, ::-1].copy()
    began = time.process_time()
    pages.engine()(image, use_cls=True, text_score=0.5)
    return time.process_time() - began


def published() -> Iterator[Figure]:
    """Yield how much of the published papers is read as labelled."""
    from xinshu.core.money import parse_yuan
    from xinshu.documents.reading import pages
    from xinshu.documents.reading.lines import Sheet, of_rows
    from xinshu.documents.reading.readers import read_document

    truth = PUBLISHED / "truth.json"
    if not truth.exists():
        print(f"# nothing published at {PUBLISHED}", file=sys.stderr)
        return
    right = of = 0
    for name, labels in json.loads(truth.read_text()).items():
        seen = [one for one in pages.read((PUBLISHED / name).read_bytes(), "image/png", set()) if "page" in one]
        found = read_document([Sheet(1, tuple(of_rows(one["lines"], 1))) for one in seen])
        values = {value.code: value.value for value in found.values}
        for label, told in labels.items():
            code = PUBLISHED_CODES.get(label)
            if code is None:
                continue
            wanted = str(parse_yuan(told)) if code in ("net", "tax", "total") else told
            of += 1
            right += values.get(code) == wanted
            if values.get(code) != wanted:
                print(f"# {name} {label}: {wanted!r} read {values.get(code)!r}", file=sys.stderr)
    yield {"figure": "published invoice, fields right", "value": round(100 * right / max(1, of), 2), "unit": "%",
           "limit": WANTED, "of": of}  # fmt: skip
