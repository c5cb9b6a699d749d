"""Reading real award notices: winner and amount F1 beside the labels of their source, pages a second, and every error.

The pages are XINSHU_AWARDS (../shared/data/tenders/award_pages.jsonl.gz). Labels come from another parser: where both
differ, look at the page. Seconds of processor time, so that a busy machine does not count as a slow reader.
"""

import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

AWARDS = Path(os.environ.get("XINSHU_AWARDS", "../shared/data/tenders/award_pages.jsonl.gz"))
WANTED = 0.98


def f1(found: list[set[str]], told: list[set[str]]) -> float:
    """Return the F1 of what was found beside what is told, over all pages."""
    right = sum(len(one & two) for one, two in zip(found, told, strict=True))
    precision = right / max(1, sum(map(len, found)))
    recall = right / max(1, sum(map(len, told)))
    return 2 * precision * recall / max(1e-9, precision + recall)


def main() -> Iterator[dict[str, Any]]:
    """Yield the figures; print the error list to standard error."""
    from xinshu.tenders.reading.labels import Unreadable, read_amount, read_winners
    from xinshu.tenders.reading.pages import read_page

    if not AWARDS.exists():
        print(f"# no pages at {AWARDS}: nothing measured", file=sys.stderr)
        return
    with gzip.open(AWARDS, "rt", encoding="utf-8") as lines:
        notices = [json.loads(line) for line in lines]
    began = time.process_time()
    readings = [read_page(notice["html"], notice["title"]) for notice in notices]
    seconds = time.process_time() - began
    for what in ("winner", "amount"):
        found, told = [], []
        for notice, reading in zip(notices, readings, strict=True):
            labelled: set[str] = set()
            with suppress(Unreadable):
                if what == "winner":
                    labelled = set(read_winners(str(notice["labels"].get("中标人") or "")))
                else:
                    labelled = {str(read_amount(notice["labels"]))}
            read = {fact.value for fact in reading.all("winner", "member") if fact.sure}
            if what == "amount":
                read = {str(fact.number) for fact in reading.all("amount") if fact.sure}
            found.append(read)
            told.append(labelled)
            if read != labelled:
                print(f"# {what} differs: {notice['title']} read {read} labelled {labelled}", file=sys.stderr)
        yield {"figure": f"{what} F1 of award pages", "value": round(f1(found, told), 4), "unit": "", "limit": WANTED}
    yield {"figure": "award pages read", "value": round(len(notices) / seconds), "unit": "pages/s", "limit": None}
