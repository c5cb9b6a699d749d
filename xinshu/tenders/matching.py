"""Whose name a notice prints: among customers and organisations with people here, with a score and the reason.

Precision before recall: who is meant says `enterprises.naming`; sure is only a name that is written alike, or that was
the firm's own before. Whatever needs a guess is unsure, shown as such to the house it concerns, and nobody is told.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.enterprises.models import Relation
from xinshu.enterprises.naming.comparing import SURE, Verdict
from xinshu.enterprises.naming.resolving import resolve
from xinshu.tenders.models import Match
from xinshu.tenders.reading.facts import Reading

NOT_READ = 40  # percent that a name which was not read well can come to


@dataclass(frozen=True)
class Found:
    """An organisation behind a name."""

    organisation: Organisation
    name: str
    role: str
    lot: int
    verdict: Verdict

    @property
    def how(self) -> str:
        return self.verdict.how

    @property
    def sure(self) -> bool:
        return self.how in SURE

    @property
    def score(self) -> int:
        return self.verdict.score

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return [asdict(point) for point in self.verdict.points]


def matches_of(reading: Reading) -> list[Found]:
    """Return the known organisations that a notice names as winners, members of consortia or candidates.

    Each once per lot, by the best reason. A few queries, however many names there are.
    """
    facts = reading.all("winner", "member", "candidate")
    known = resolve((fact.value for fact in facts), among=_concerned())
    best: dict[tuple[int, int], Found] = {}
    for fact in facts:
        for one in known.get(fact.value, ()):
            verdict = one.verdict if fact.sure else _unsure(one.verdict)
            found = Found(one.organisation, fact.value, fact.code, fact.lot, verdict)
            key = (one.organisation.pk, fact.lot)
            if key not in best or found.score > best[key].score:
                best[key] = found
    return list(best.values())


def _unsure(verdict: Verdict) -> Verdict:
    return Verdict(Match.How.UNSURE_NAME, min(NOT_READ, verdict.score), verdict.points)


def _concerned() -> Q:
    """Return the condition on organisations that somebody here cares about: customers, and those with people here."""
    customer = Relation.objects.filter(enterprise__organisation=OuterRef("pk"))
    return Q(Exists(customer)) | Q(Exists(Member.objects.filter(organisation=OuterRef("pk"), active=True)))
