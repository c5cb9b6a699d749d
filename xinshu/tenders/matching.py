"""Whose name a notice prints: among customers and organisations with people here, with a score and the reason.

Precision before recall: only a name that is written alike (up to brackets and spaces), or that was the firm's own
before, is sure. Whatever needs a guess is unsure, shown as such, and nobody is told.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.enterprises.models import RecordField, Relation
from xinshu.tenders.models import Match
from xinshu.tenders.reading.facts import Reading

SCORES = {
    Match.How.EXACT: 100, Match.How.WRITTEN: 98, Match.How.FORMER: 95, Match.How.NAMESAKE: 60, Match.How.BRANCH: 60,
    Match.How.UNSURE_NAME: 40,
}  # fmt: skip
SURE = (Match.How.EXACT, Match.How.WRITTEN, Match.How.FORMER)
_FULL, _HALF = str.maketrans("()", "（）"), str.maketrans("（）", "()")
_BRANCH = re.compile(
    r"^(.{4,}?(?:公司|集团|银行|研究院|设计院|勘察院))(?:[^公司]{2,20}(?:分公司|分院|分行|分所|项目部|办事处))$"
)


@dataclass(frozen=True)
class Found:
    """An organisation behind a name."""

    organisation: Organisation
    name: str
    role: str
    lot: int
    how: str

    @property
    def sure(self) -> bool:
        return self.how in SURE

    @property
    def score(self) -> int:
        return SCORES[Match.How(self.how)]


def written_alike(name: str) -> str:
    """Return `name` as it compares: without spaces, in full-width brackets."""
    return re.sub(r"\s+", "", name).translate(_FULL)


def variants(name: str) -> set[str]:
    """Return the ways in which a legal name may be written in our own books."""
    plain = re.sub(r"\s+", "", name)
    return {name.strip(), plain, plain.translate(_FULL), plain.translate(_HALF)}


def matches_of(reading: Reading) -> list[Found]:
    """Return the known organisations that a notice names as winners, members of consortia or candidates.

    Each once per lot, by the best reason. Four queries, however many names there are.
    """
    facts = reading.all("winner", "member", "candidate")
    asked = {fact.value: variants(fact.value) for fact in facts}
    parents = {name: met[1] for name in asked if (met := _BRANCH.match(written_alike(name)))}
    wanted = set().union(*asked.values(), *(variants(parent) for parent in parents.values())) if asked else set()
    known, former = _called(wanted), _called_before(wanted)
    best: dict[tuple[int, int], Found] = {}
    for fact in facts:
        found = _found(fact.value, asked[fact.value], known, former)
        if not found and fact.value in parents:
            parent = parents[fact.value]
            found = [(one, Match.How.BRANCH) for one, _how in _found(parent, variants(parent), known, former)]
        for organisation, how in found:
            one = Found(organisation, fact.value, fact.code, fact.lot, how if fact.sure else Match.How.UNSURE_NAME)
            key = (organisation.pk, fact.lot)
            if key not in best or one.score > best[key].score:
                best[key] = one
    return list(best.values())


def _found(
    name: str, ways: set[str], known: dict[str, list[Organisation]], former: dict[str, list[Organisation]]
) -> list[tuple[Organisation, str]]:
    for how, book in ((None, known), (Match.How.FORMER, former)):
        met = list({one.pk: one for way in ways for one in book.get(way, ())}.values())
        if met:
            checked = [one for one in met if one.verified] or met
            alone = len(checked) == 1
            return [
                (
                    one,
                    (how or (Match.How.EXACT if one.name == name else Match.How.WRITTEN))
                    if alone and one in checked
                    else Match.How.NAMESAKE,
                )
                for one in met
            ]
    return []


def _concerned() -> Q:
    """Return the condition on organisations that somebody here cares about: customers, and those with people here."""
    customer = Relation.objects.filter(enterprise__organisation=OuterRef("pk"))
    return Q(Exists(customer)) | Q(Exists(Member.objects.filter(organisation=OuterRef("pk"), active=True)))


def _called(names: Iterable[str]) -> dict[str, list[Organisation]]:
    rows = Organisation.objects.filter(_concerned(), name__in=names, active=True).exclude(
        kind__in=(Organisation.Kind.PERSON, Organisation.Kind.OPERATOR)
    )
    book: dict[str, list[Organisation]] = defaultdict(list)
    for row in rows:
        book[row.name].append(row)
    return book


def _called_before(names: Iterable[str]) -> dict[str, list[Organisation]]:
    """Return who was called so: names that stood in the record of an enterprise before the present one."""
    rows = RecordField.objects.filter(code="legal_name", value__in=names).select_related("enterprise__organisation")
    book: dict[str, list[Organisation]] = defaultdict(list)
    for row in rows:
        if row.enterprise.organisation.active:
            book[row.value].append(row.enterprise.organisation)
    return book
