"""What a text reads like before anybody is bound by it: filled with the sample, or with a case of the house."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.guarantees.facts import terms_with
from xinshu.guarantees.kinds import KINDS, Nature
from xinshu.guarantees.letters.linting import Remark, lint
from xinshu.guarantees.letters.texts import PLACE, Text, put
from xinshu.guarantees.letters.wording import Terms, clauses, demand_documents, nature_of, values_of
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.types.sample import sample_terms

CASES = 20  # of the house that the editor offers


@dataclass(frozen=True)
class Preview:
    """The text as it would read: pieces of (words, whether they came out of the case's data), and what is wrong."""

    about: str  # whose data; empty: the sample's
    paragraphs: list[list[tuple[str, bool]]]
    documents: list[str]
    nature: str
    remarks: list[Remark]


def cases_of(member: Member, kind: str, at: datetime) -> list[Guarantee]:
    """Return the latest cases of the own house that a text for `kind` can be filled with, as `member` may see them."""
    if member.organisation.kind not in Organisation.ISSUERS:
        return []
    found = Guarantee.objects.visible_to(member, at).filter(
        guarantor=member.organisation_id, kind=kind, amount__gt=0, effective_on__isnull=False, expires_on__isnull=False
    )
    return list(found.select_related(*PARTIES).order_by("-pk")[:CASES])


def preview(kind: str, form: str, text: Text, case: Guarantee | None, on: date) -> Preview:
    """Return `text` filled with `case`, or with the sample of its type."""
    terms = sample_terms(KINDS[kind], form, on) if case is None else terms_with(case, None)
    terms = replace(terms, text=text, drafted=KINDS[kind])
    read = "".join(clauses(terms))
    return Preview(
        about="" if case is None else f"{case.number or case.reference} {case.applicant.name}",
        paragraphs=list(_pieces(text, terms)),
        documents=demand_documents(terms),
        nature=str(dict(Nature.CHOICES)[nature_of(terms.issuer_kind, read)]),
        remarks=lint(text, terms),
    )


def preview_for(member: Member, kind: str, form: str, text: Text, reference: str, at: datetime) -> Preview:
    """Return the preview with the member's case of this reference; with the sample where there is no such case."""
    case = next((case for case in cases_of(member, kind, at) if case.reference == reference), None)
    return preview(kind, form, text, case, local_day(at))


def _pieces(text: Text, terms: Terms) -> Iterator[list[tuple[str, bool]]]:
    values = values_of(terms)
    for part in text.paragraphs:
        if not put(part, values):
            continue
        pieces, end = [], 0
        for found in PLACE.finditer(part):
            name = found[1].strip()
            pieces += [(part[end : found.start()], False), (values.get(name, found[0]), name in values)]
            end = found.end()
        yield [(words, data) for words, data in (*pieces, (part[end:], False)) if words]


def changes_between(old: Text, new: Text) -> list[tuple[str, str]]:
    """Return (old, new) of every paragraph or paper that differs; one side is empty where it came or went."""
    before, after = [*old.paragraphs, *old.documents], [*new.paragraphs, *new.documents]
    rows = []
    for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            gone, come = before[start:end], after[first:last]
            longest = max(len(gone), len(come))
            gone, come = gone + [""] * (longest - len(gone)), come + [""] * (longest - len(come))
            rows += list(zip(gone, come, strict=True))
    return rows
