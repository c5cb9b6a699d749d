"""Reading real notices: precision, recall and F1 by field beside the labels of their source, pages a second, all errors.

The pages are in XINSHU_TENDERS (../shared/data/tenders). Labels come from other parsers: where both differ, somebody
looked at the page, and what the label has wrong is listed in `WRONG`. Only sure facts count as read. Seconds of processor
time, so that a busy machine does not count as a slow reader.
"""

# ruff: noqa: E501  (a table is read across)

import gzip
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench._regions import UNTOLD_BY_RECORD
from bench._regions import WRONG as WRONG_REGIONS

TENDERS = Path(os.environ.get("XINSHU_TENDERS", "../shared/data/tenders"))
WRONG = {  # (record, field) -> why the given label is wrong: looked at by a person
    (
        "9f3381ea-acef-4edf-805f-2a8772644f21",
        "award region",
    ): "the centre's region; the notice places the works in 新疆",
    (
        "f2d80d20-f1c1-4698-9ac5-ca0616710195",
        "award region",
    ): "the centre's region; the notice places the works in 新疆",
    (
        "e257cce7-e661-4f8f-8590-bebc581373d8",
        "award region",
    ): "the centre's region; the notice places the works in 新疆",
    ("f706c162-5857-48dc-a935-a80a5b3aa5ee", "award region"): "the centre's region; the works are in 内蒙古",
    ("ac658498-52b8-4803-a02d-ead92ad87ee2", "award region"): "the centre's region; the works are in 河南睢县",
    ("2c01f7b4-86d8-4b2d-9c87-26ebad66a0ca", "candidates"): "a paragraph of the evaluation taken for a bidder",
    ("2c01f7b4-86d8-4b2d-9c87-26ebad66a0ca", "bids"): "prices shifted by one bidder",
    ("355f7021-b8d2-4e6b-8b4e-b46918a0cce7", "bids"): "prices of two bidders exchanged",
    ("ba36eb97-0a7e-4d41-a7ff-5babae540f8f", "candidates"): "rows of another table taken for bidders",
    ("ba36eb97-0a7e-4d41-a7ff-5babae540f8f", "bids"): "rows of another table taken for bidders",
    (
        "299e120e-f79d-40e8-8584-d3e41c3e1452",
        "candidate project",
    ): "the number of the publication stands in the name twice",
    ("5c17cf7ab5db5c4b", "kind"): "a correction by its title, told as a call",
    ("15b12b06addf9987", "kind"): "a contract by its title, told as a plan",
    ("66a06c9def2c83be", "kind"): "announced in advance by its title, told as an award",
    ("2418e49d90c2bc78", "kind"): "an intention by its title, told as a call",
    ("8064a426659b72d9", "kind"): "an intention by its title, told as a negotiation",
    ("57e07f64fed31488", "kind"): "names who won, told as other",
    ("5c44f087edfb4fa2", "kind"): "names who was chosen, told as other",
    ("4926daae7f30a17f", "kind"): "an inquiry by its title, told as an award",
    ("5ce06002dea554fe", "kind"): "an inquiry by its title, told as an award",
    ("16ad0adcc575463f", "kind"): "says why it ended, told as a change",
    ("9568be4dacc061ca", "kind"): "no tender at all, told as a change",
    ("1c0f6495fe7fa50e", "kind"): "asks for parameters by its title, told as a call",
    ("117e4d4753057ae7", "kind"): "asks for a review of needs by its title, told as a call",
    ("2208152a79fb7c82", "kind"): "a review before the tender by its title, told as a call",
    ("34ffc96bc0739d99", "kind"): "a plan by its fields, told as a call",
    ("6c972c4e98f9de35", "kind"): "a plan by its fields, told as a call",
    ("6893eb8c4b3b016d", "kind"): "asks the market by its text, told as a call",
    ("85b6a030e8624485", "kind"): "asks for prices by its title, told as a call",
    ("920b8c12ca954515", "kind"): "asks the market by its title, told as a call",
    ("9b32ac800358eae8", "kind"): "an intention by its title, told as a call",
    ("8bff1e0fa88b63c5", "kind"): "asks for a review of needs by its title, told as a single source",
    ("16e55d997d0bd2af", "kind"): "says who sells what for how much, told as void",
    ("72ef379ce10fa80c", "kind"): "says who sells what for how much, told as void",
    ("6f4607732a656ec9", "kind"): "says who sells what for how much, told as void",
    ("4700d653a62c6804", "kind"): "asks for offers by its title, told as a change",
    ("0c93e07389ea09c4", "kind"): "asks for offers by its text, told as other",
    ("32c841b060111637", "kind"): "a call by its title, told as other",
    ("776bede67f01fd7b", "kind"): "a call by its title, told as other",
    ("9df9613d557d1d18", "kind"): "a call by its title, told as other",
    ("7ec034ec1049bb3d", "kind"): "an inquiry by its title, told as other",
    ("64603a7d9dde0122", "kind"): "invites bidders by its text, told as other",
    ("a71d6f2fea3db715", "kind"): "invites bidders by its text, told as other",
    ("7c072b07acff6204", "kind"): "says why it ended, told as other",
    **WRONG_REGIONS,
}
KINDS = {  # what the nationwide source calls a notice -> kinds that say the same
    "招标": ("tender",), "竞谈": ("tender",), "询价": ("tender",), "竞价": ("tender",), "单一": ("tender",), "邀标": ("tender",),
    "成交": ("award", "candidate"), "中标": ("award", "candidate"), "合同": ("contract",), "变更": ("change",),
    "结果变更": ("change",), "废标": ("failed",), "流标": ("failed",), "预告": ("plan",), "需求公示": ("plan",),
    "论证意见": ("other", "plan"), "验收": ("other", "contract"),
    "其它": ("other", "plan", "change"),  # what the source does not tell apart: also inquiries and answers to bidders
}  # fmt: skip


class Tally:
    """Right, read and told of one field."""

    def __init__(self, name: str, wanted: float | None) -> None:
        self.name, self.wanted = name, wanted
        self.right = self.read = self.told = 0

    def take(self, record: str, read: set[str], told: set[str]) -> None:
        """Count one record, and print where both differ."""
        if (record, self.name) in WRONG:
            return
        self.right, self.read, self.told = self.right + len(read & told), self.read + len(read), self.told + len(told)
        if read != told:
            print(f"# {self.name} of {record}: read {sorted(read - told)} told {sorted(told - read)}", file=sys.stderr)

    def figures(self) -> Iterator[dict[str, Any]]:
        """Yield precision, recall and F1."""
        precision, recall = self.right / max(1, self.read), self.right / max(1, self.told)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        yield {"figure": f"{self.name}: precision", "value": round(precision, 4), "unit": "", "limit": None}
        yield {"figure": f"{self.name}: recall of {self.told}", "value": round(recall, 4), "unit": "", "limit": None}
        yield {"figure": f"{self.name}: F1", "value": round(f1, 4), "unit": "", "limit": self.wanted}


def rows(name: str) -> list[dict[str, Any]]:
    """Return the records of one file."""
    with gzip.open(TENDERS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> Iterator[dict[str, Any]]:
    """Yield the figures; print the error lists to standard error."""
    if not TENDERS.exists():
        print(f"# no pages at {TENDERS}: nothing measured", file=sys.stderr)
        return
    yield from awards()
    yield from candidates()
    yield from nationwide()
    yield {"figure": "labels that are wrong", "value": len(WRONG), "unit": "", "limit": None}


def awards() -> Iterator[dict[str, Any]]:
    """Winner, amount, rate, buyer, agency, lot and days of the award pages."""
    from xinshu.tenders.reading.labels import NOTHING, Unreadable, read_amount, read_days, read_winners
    from xinshu.tenders.reading.pages import read_page

    tallies = {
        name: Tally(f"award {name}", wanted)
        for name, wanted in (
            ("winner", 0.98), ("amount", 0.98), ("rate", None), ("buyer", None), ("agency", None),
            ("lot_number", None), ("lot_name", None), ("contract_days", None), ("published_on", None), ("region", None),
        )
    }  # fmt: skip
    notices = rows("award_pages")
    began = time.process_time()
    readings = [read_page(notice["html"], notice["title"]) for notice in notices]
    seconds = time.process_time() - began
    for notice, reading in zip(notices, readings, strict=True):
        labels = notice["labels"]
        told: dict[str, set[str]] = {name: set() for name in tallies}
        with suppress(Unreadable):
            told["winner"] = set(read_winners(str(labels.get("中标人") or "")))
        with suppress(Unreadable):
            told["amount"] = {str(read_amount(labels))}
        if labels.get("中标价(报价承诺)"):
            told["rate"] = {
                f"{float(fact.value):.6f}" for fact in reading.all("rate") if fact.sure
            }  # in words: no label
        if rate := str(labels.get("中标价(%)") or "").strip("% "):
            with suppress(ValueError):
                told["rate"] = {f"{float(rate) / 100:.6f}"}
        for name, label in (
            ("buyer", "招标人"), ("agency", "招标机构"), ("lot_number", "标段(包)编号"), ("lot_name", "标段(包)名称"),
            ("published_on", "公告发布日期"),
        ):  # fmt: skip
            if (value := str(labels.get(label) or "").strip()) and value not in NOTHING:
                told[name] = {" ".join(value.split())}
        if (days := read_days(str(labels.get("履约期限(天)") or ""))) is not None:
            told["contract_days"] = {str(days)}
        told["region"] = {notice["region_code"][:4]}
        for name, tally in tallies.items():
            facts = [
                fact for fact in reading.all(*(("winner", "member") if name == "winner" else (name,))) if fact.sure
            ]
            match name:
                case "amount" | "contract_days":
                    read = {str(fact.number) for fact in facts}
                case "rate":
                    read = {f"{float(fact.value):.6f}" for fact in facts}
                case "region":
                    read = {fact.value[:4] for fact in facts}
                case _:
                    read = {" ".join(fact.value.split()) for fact in facts}
            tally.take(notice["id"], read, told[name])
    for tally in tallies.values():
        yield from tally.figures()
    yield {"figure": "award pages read", "value": round(len(notices) / seconds), "unit": "pages/s", "limit": None}


def candidates() -> Iterator[dict[str, Any]]:
    """Candidates and their bids, project and publicity of the candidate pages."""
    from xinshu.tenders.reading.pages import read_page

    notices = rows("candidate_pages")
    names, bids = Tally("candidates", 0.98), Tally("bids", 0.98)
    projects, publicity = Tally("candidate project", None), Tally("candidate publicity", None)
    began = time.process_time()
    readings = [read_page(notice["html"], notice["title"]) for notice in notices]
    seconds = time.process_time() - began
    for notice, reading in zip(notices, readings, strict=True):
        pairs = notice["labels"]["bidders_and_prices"]
        told = {_first(row["bidder"]) for row in pairs if row["bidder"]}
        names.take(notice["id"], {fact.value for fact in reading.all("candidate") if fact.sure}, told)
        prices = {f"{_first(row['bidder'])} {value}" for row in pairs if (value := _price(row["price"]))}
        read = {f"{fact.of} {_bid(fact, reading.text)}" for fact in reading.all("bid")}
        bids.take(notice["id"], read, prices)
        project = {fact.value for fact in reading.all("project") if fact.sure}
        projects.take(notice["id"], project, {notice["labels"]["project_name"]})
        said = {"".join(fact.value.split()) for fact in reading.all("publicity") if fact.sure}
        publicity.take(notice["id"], said, {"".join(notice["labels"]["publicity_period"].split())})
    for tally in (names, bids, projects, publicity):
        yield from tally.figures()
    yield {"figure": "candidate pages read", "value": round(len(notices) / seconds), "unit": "pages/s", "limit": None}


def _first(bidder: str) -> str:
    from xinshu.tenders.reading.labels import Unreadable
    from xinshu.tenders.reading.values import read_names

    try:
        return read_names(bidder)[0][0]
    except Unreadable:
        return bidder


def _price(words: str) -> str:
    """Return a price as it compares: a number where it is nothing else, else its words without spaces."""
    words = "".join(words.split())
    digits = words.replace(",", "").strip("%元")
    with suppress(ValueError):
        return f"{float(digits):.4f}"
    return words


def _bid(fact: Any, text: str) -> str:
    """Return a bid as it stands in the text; where it was understood as money, as that."""
    if (
        fact.sure
        and fact.number is not None
        and text[fact.start : fact.end].replace(",", "").replace(".", "").isdigit()
    ):
        return f"{fact.number / 100:.4f}"
    return _price(text[fact.start : fact.end])


def nationwide() -> Iterator[dict[str, Any]]:
    """Kind and region of snippets from all over the country, from title and snippet alone."""
    from xinshu.core.divisions import lineage
    from xinshu.tenders.reading.pages import read_page

    notices = rows("nationwide_snippets")
    kinds = right = strict = 0
    untold, labels, right_by_all = Counter[str](), 0, 0
    region, city = Tally("region (province)", None), Tally("region (city or county)", None)
    began = time.process_time()
    for notice in notices:
        reading = read_page(notice["detail"] or notice["title"], notice["title"])
        wanted = KINDS.get(notice["subtype"] or "")
        if wanted and (notice["id"], "kind") not in WRONG:
            kinds, right = kinds + 1, right + (reading.kind in wanted)
            strict += reading.kind in (wanted if notice["subtype"] != "其它" else ("other",))
            if reading.kind not in wanted:
                print(f"# kind of {notice['id']}: read {reading.kind} told {notice['subtype']}", file=sys.stderr)
        if (notice["area"] or "全国") == "全国":
            continue
        fact = reading.first("region")
        lines = lineage(fact.value) if fact is not None and fact.sure else []
        said = {one.name[: len(notice["area"])] for one in lines[:1]}
        labels, right_by_all = labels + 1, right_by_all + (said == {notice["area"]})
        cause = UNTOLD_BY_RECORD.get(notice["id"], "")
        untold[cause] += 1
        if said or not cause:
            region.take(notice["id"], said, {notice["area"]})
        if notice["city"] and len(lines) > 1:
            place = {one.name for one in lines if one.name == notice["city"]} or {lines[1].name}  # 北京市: all of it
            city.take(notice["id"], place, {notice["city"]} if notice["district"] not in place else place)
    seconds = time.process_time() - began
    yield {"figure": f"kind of {kinds} snippets: accuracy", "value": round(right / kinds, 4), "unit": "", "limit": 0.9}
    yield {
        "figure": "kind, where 其它 is nothing but other: accuracy",
        "value": round(strict / kinds, 4),
        "unit": "",
        "limit": None,
    }
    precision = region.right / max(1, region.read)
    yield {"figure": "region where one is read: precision", "value": round(precision, 4), "unit": "", "limit": 0.99}
    recall = round(region.right / region.told, 4)
    yield {"figure": f"region of {region.told} that tell it: recall", "value": recall, "unit": "", "limit": 0.95}
    recall = round(right_by_all / labels, 4)
    yield {"figure": f"region of all {labels}, also wrong labels: recall", "value": recall, "unit": "", "limit": None}
    for cause, count in untold.most_common():
        if cause:
            yield {"figure": f"region not told: {cause}", "value": count, "unit": "notices", "limit": None}
    yield {
        "figure": f"city or county of {city.read} read: precision",
        "value": round(city.right / max(1, city.read), 4),
        "unit": "",
        "limit": None,
    }
    yield {"figure": "snippets read", "value": round(len(notices) / seconds), "unit": "notices/s", "limit": None}
