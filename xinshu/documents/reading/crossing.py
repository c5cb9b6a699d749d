"""Papers of one enterprise held against each other: who it is, who speaks for it, when, and what adds up. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from django.utils.translation import gettext as _

from xinshu.documents.reading.lines import bare


@dataclass(frozen=True)
class Said:
    """One value as one paper has it. `key` is the caller's name for it."""

    key: int
    value: str


@dataclass(frozen=True)
class Paper:
    """One paper of an enterprise: its kind and what it says, by field."""

    kind: str
    said: Mapping[str, Said]


@dataclass(frozen=True)
class Contradiction:
    """Two places that cannot both be right. `about` says in words what they disagree on."""

    about: str
    first: Said
    second: Said


STATEMENTS = ("balance", "income", "cash")
OWN_NAME = {
    "licence": "legal_name",
    "certificate": "legal_name",
    "award": "winner",
    **dict.fromkeys(STATEMENTS, "legal_name"),
}
SIDES = {"contract": ("party_a", "party_b"), "invoice": ("buyer_name", "seller_name"), "receipt": ("payer", "payee")}
SAME = {"uscc": ("licence", "certificate"), "legal_representative": ("licence", "certificate")}
CODES = {"buyer_name": "buyer_code", "seller_name": "seller_code"}


def contradictions(papers: Sequence[Paper]) -> list[Contradiction]:
    """Return where papers contradict each other, or themselves; each pair of places once."""
    found: dict[tuple[int, int], Contradiction] = {}
    for one in (*_names(papers), *_same(papers), *_sides(papers), *_awards(papers), *_years(papers), *_days(papers)):
        found.setdefault((one.first.key, one.second.key), one)
    return list(found.values())


def _differ(first: Said | None, second: Said | None) -> bool:
    return first is not None and second is not None and bool(first.value and second.value) and (
        bare(first.value) != bare(second.value)
    )  # fmt: skip


def _against_first(about: str, all_said: Sequence[Said]) -> Iterator[Contradiction]:
    for other in all_said[1:]:
        if _differ(all_said[0], other):
            yield Contradiction(about, all_said[0], other)


def _names(papers: Sequence[Paper]) -> Iterator[Contradiction]:
    ranked = sorted(papers, key=lambda paper: list(OWN_NAME).index(paper.kind) if paper.kind in OWN_NAME else 99)
    said = [paper.said[OWN_NAME[paper.kind]] for paper in ranked if OWN_NAME.get(paper.kind) in paper.said]
    yield from _against_first(_("企业名称"), [one for one in said if one.value])


def _same(papers: Sequence[Paper]) -> Iterator[Contradiction]:
    for code, kinds in SAME.items():
        about = _("统一社会信用代码") if code == "uscc" else _("法定代表人")
        said = [paper.said[code] for kind in kinds for paper in papers if paper.kind == kind and code in paper.said]
        yield from _against_first(about, [one for one in said if one.value])


def _sides(papers: Sequence[Paper]) -> Iterator[Contradiction]:
    """A contract, an invoice or a receipt names the enterprise on one side; there it bears the enterprise's code."""
    home = next((paper for paper in papers if paper.kind == "licence" and "legal_name" in paper.said), None)
    if home is None:
        return
    name, code = home.said["legal_name"], home.said.get("uscc")
    for paper in papers:
        sides = [side for side in SIDES.get(paper.kind, ()) if side in paper.said and paper.said[side].value]
        if len(sides) == 2 and all(_differ(name, paper.said[side]) for side in sides):
            yield Contradiction(_("当事人里没有本企业"), name, paper.said[sides[1]])
        for side in sides:
            theirs = paper.said.get(CODES.get(side, ""))
            if (
                not _differ(name, paper.said[side])
                and _differ(code, theirs)
                and code is not None
                and theirs is not None
            ):
                yield Contradiction(_("统一社会信用代码"), code, theirs)


def _awards(papers: Sequence[Paper]) -> Iterator[Contradiction]:
    for award in (paper for paper in papers if paper.kind == "award"):
        for contract in (paper for paper in papers if paper.kind == "contract"):
            one, two = award.said.get("project"), contract.said.get("project")
            if one is None or two is None or _differ(one, two):
                continue
            if _differ(award.said.get("amount"), contract.said.get("amount")):
                yield Contradiction(_("中标价与合同金额"), award.said["amount"], contract.said["amount"])
            awarded, signed = award.said.get("awarded_on"), contract.said.get("signed_on")
            if awarded and signed and awarded.value and signed.value and signed.value < awarded.value:
                yield Contradiction(_("合同签订早于中标通知"), awarded, signed)


def _years(papers: Sequence[Paper]) -> Iterator[Contradiction]:
    """What a statement says of last year is what last year's said; of one period there is one truth."""
    of_kind = [paper for paper in papers if paper.kind in STATEMENTS and "period_end" in paper.said]
    for one, two in combinations(sorted(of_kind, key=lambda paper: paper.said["period_end"].value), 2):
        if one.kind != two.kind:
            continue
        earlier, later = one.said["period_end"].value, two.said["period_end"].value
        now, before = ("end", "begin") if one.kind == "balance" else ("this", "last")
        if earlier == later:
            pairs, about = [(now, now)], _("同一期报表")
        elif earlier[4:] == "-12-31" and later[4:] == "-12-31" and int(later[:4]) == int(earlier[:4]) + 1:
            pairs, about = [(now, before)], _("上年数与上年报表")
        else:
            continue
        for item in ("资产总计", "负债合计", "所有者权益合计", "营业收入", "净利润", "期末现金及现金等价物余额"):
            for first, second in pairs:
                a, b = one.said.get(f"{item}|{first}"), two.said.get(f"{item}|{second}")
                if a is not None and b is not None and _differ(a, b):
                    yield Contradiction(f"{about}：{item}", a, b)


def _days(papers: Sequence[Paper]) -> Iterator[Contradiction]:
    """A contract's days are those between its dates, one more or less."""
    for paper in papers:
        if paper.kind != "contract":
            continue
        starts, ends, days = (paper.said.get(code) for code in ("starts_on", "ends_on", "contract_days"))
        if starts and ends and days and days.value.isdecimal():
            try:
                span = (date.fromisoformat(ends.value) - date.fromisoformat(starts.value)).days
            except ValueError:
                continue
            if abs(span + 1 - int(days.value)) > 1:
                yield Contradiction(_("工期与起止日期"), ends, days)
