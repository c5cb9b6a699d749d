"""Open Contracting Data Standard: the releases of one process are merged, and told as a notice would tell them."""

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import Any

import ocdsmerge
from ocdsmerge.exceptions import OCDSMergeError

from xinshu.collecting.reading.json import document_of
from xinshu.collecting.reading.lists import Listed, ListPage, Page, Unreadable, absolute, identity, moment_of, page_of
from xinshu.collecting.reading.recipes import Recipe

AWARDED = ("active", "")
# What OCDS 1.1 says of merging, as far as it is read here: given, so that no schema is fetched from afar.
MERGING = {
    ("id",): "omitWhenMerged", ("date",): "omitWhenMerged", ("tag",): "omitWhenMerged",
    ("parties", "roles"): "wholeListMerge", ("tender", "tenderers"): "wholeListMerge",
    ("awards", "suppliers"): "wholeListMerge",
}  # fmt: skip


class Ocds:
    """A package of releases, or of records."""

    def list_of(self, page: Page, recipe: Recipe) -> ListPage:
        """Return a notice per process that has an award, or a tender."""
        package = document_of(page)
        if not isinstance(package, dict) or not isinstance(package.get("releases", package.get("records")), list):
            raise Unreadable("ocds")
        compiled, broken = _compiled(package)
        listed = [_listed(one, page, recipe) for one in compiled]
        there = [one for one in listed if one is not None]
        links = package.get("links")
        following = links.get("next") if isinstance(links, dict) else ""
        address = absolute(page.address, following) if isinstance(following, str) and following else ""
        return page_of(there, next=address, broken=broken + len(listed) - len(there))

    def body_of(self, page: Page, recipe: Recipe) -> str:
        """Return nothing: a release carries its content."""
        return ""


def _compiled(package: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return the merged release of each process, and how many processes could not be merged."""
    processes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    ready: list[dict[str, Any]] = []
    broken = 0
    for row in package.get("releases") or package.get("records") or []:
        if not isinstance(row, dict) or not isinstance(row.get("ocid"), str):
            broken += 1
        elif isinstance(row.get("compiledRelease"), dict):
            ready.append(row["compiledRelease"])
        elif isinstance(row.get("releases"), list):
            processes[row["ocid"]] += [one for one in row["releases"] if isinstance(one, dict)]
        else:
            processes[row["ocid"]].append(row)
    merger = ocdsmerge.Merger(merge_rules=MERGING)
    for releases in processes.values():
        try:
            ready.append(merger.create_compiled_release(releases))
        except (OCDSMergeError, KeyError, TypeError, ValueError, AttributeError):
            broken += 1
    return ready, broken


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _listed(release: dict[str, Any], page: Page, recipe: Recipe) -> Listed | None:
    tender, ocid = _map(release.get("tender")), _text(release.get("ocid"))
    awards = [one for one in _maps(release.get("awards")) if _text(one.get("status")) in AWARDED]
    name = _text(tender.get("title")) or next((_text(one.get("title")) for one in awards), "")
    if not ocid or not name:
        return None
    title = name if any(word in name for word in ("中标", "成交", "结果")) or not awards else f"{name}中标结果公告"
    if not awards and "公告" not in title:
        title = f"{title}招标公告"
    documents = [one for part in (*awards, tender) for one in _maps(part.get("documents"))]
    address = next((found for one in documents if (found := absolute(page.address, _text(one.get("url"))))), "")
    days = [_text(one.get("date")) for one in awards] + [_text(release.get("date"))]
    return Listed(
        identity(ocid), title[:300], address, next((day for text in days if (day := moment_of(text))), None),
        recipe.region, _told(release, tender, awards, title, name),
    )  # fmt: skip


def _told(
    release: dict[str, Any], tender: dict[str, Any], awards: list[dict[str, Any]], title: str, name: str
) -> str:  # fmt: skip
    """Return a process as the text of a notice, one label a line: `tenders` reads it as it reads all others."""
    parties = _maps(release.get("parties"))
    agency = next((_text(one.get("name")) for one in parties if "procuringEntity" in (one.get("roles") or ())), "")
    buyer = _text(_map(release.get("buyer")).get("name")) or agency
    lines = [title, f"项目名称：{name}", f"项目编号：{_text(tender.get('id')) or _text(release.get('ocid'))}"]
    lines += [f"招标人：{buyer}"] if buyer else []
    lines += [f"招标代理机构：{agency}"] if agency and agency != buyer else []
    for number, award in enumerate(awards, 1):
        lines += [f"标段：{_text(award.get('title')) or number}"] if len(awards) > 1 else []
        names = [found for one in _maps(award.get("suppliers")) if (found := _text(one.get("name")))]
        lines += [f"中标人：{'、'.join(names)}"] if names else []
        lines += [f"中标价：{amount}"] if (amount := _amount(_map(award.get("value")))) else []
    lines += [text] if (text := _text(tender.get("description"))) else []
    return "\n".join(lines)


def _amount(value: dict[str, Any]) -> str:
    """Return an amount in 元 as it is told; other currencies are told with their code, so that nobody takes them."""
    told = value.get("amount")
    if isinstance(told, bool) or not isinstance(told, (int, Decimal, str)):
        return ""
    try:
        exact = Decimal(str(told))
    except InvalidOperation:
        return ""
    if not exact.is_finite() or not 0 < exact < 10**15:
        return ""
    currency = _text(value.get("currency")) or "CNY"
    return f"{exact:,.2f}元" if currency == "CNY" else f"{currency} {exact:,.2f}"
