"""Who is meant by these names? Candidates by key, a verdict for each; present names before former ones.

Few questions for any number of names: two by the name as written, which need no index of ours, one by each key.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q

from xinshu.accounts.models import Organisation
from xinshu.enterprises.models import KnownName, RecordField
from xinshu.enterprises.naming.comparing import (
    EXACT,
    FORM,
    FORMER,
    NAMESAKE,
    SCORES,
    WRITTEN,
    Verdict,
    compare,
)
from xinshu.enterprises.naming.keeping import NAMES, NOT_FIRMS
from xinshu.enterprises.naming.parts import Parts, parts_of

GUESSES = 3  # shown for one name
LOOKED_AT = 400  # candidates of one kind for all names: what is everybody's name says nothing

_FULL, _HALF = str.maketrans("()", "（）"), str.maketrans("（）", "()")


@dataclass(frozen=True)
class Resolved:
    """An organisation that may be meant, by which of its names, and why."""

    organisation: Organisation
    name: str
    verdict: Verdict


@dataclass(frozen=True)
class _Known:
    organisation: int
    name: str
    former: bool


def resolve(
    names: Iterable[str], among: Q | None = None, *, named: Q | None = None, most: int = LOOKED_AT
) -> dict[str, list[Resolved]]:
    """Return for each name who is meant: those who are called so, else guesses, the likeliest first.

    `among` narrows the organisations that come into question, `named` already the names that are looked at (`most` of
    each key), so that a house finds its own among any number of others. Of several that are called alike, only one
    whose identity is checked, and alone in that, stays sure; the others are namesakes.
    """
    asked = {name: parts_of(name) for name in dict.fromkeys(names) if name.strip()}
    written = _by_writing(asked)
    found = _judged(asked, written, among)
    left = {name: parts for name, parts in asked.items() if not any(one.verdict.sure for one in found[name])}
    if left:
        guesses = _judged(left, _by_key(left, named or Q(), most), among)
        found |= {name: guesses[name] or found[name] for name in left}
    called = {parts_of(one.name).written for one in written if not one.former}
    return {name: _settled(name, found[name], parts.written in called) for name, parts in asked.items()}


def written_ways(name: str) -> set[str]:
    """Return the ways in which a legal name may be written in our own books."""
    bare = "".join(name.split())
    return {name.strip(), bare, bare.translate(_FULL), bare.translate(_HALF)}


def _by_writing(asked: dict[str, Parts]) -> list[_Known]:
    """Return who is, or was, called as written, from the books themselves."""
    ways = {way for name in asked for way in written_ways(name)}
    present = Organisation.objects.filter(name__in=ways).values_list("pk", "name")
    former = RecordField.objects.standing().filter(code__in=NAMES, value__in=ways)
    return [
        *(_Known(pk, name, False) for pk, name in present),
        *(_Known(pk, name, True) for pk, name in former.values_list("enterprise__organisation", "value")),
    ]


def _by_key(asked: dict[str, Parts], named: Q, most: int) -> list[_Known]:
    whole = {key for parts in asked.values() for key in (parts.folded, parts_of(parts.firm).folded) if key}
    cores = {parts.core for parts in asked.values() if parts.trade and not parts.firm}
    trades = {parts.short for parts in asked.values() if len(parts.trade) > 1 and not parts.firm}
    rows: dict[tuple[int, str], _Known] = {}
    for key, wanted in (("folded", whole), ("core", cores), ("trade", trades)):
        found = KnownName.objects.filter(named, **{f"{key}__in": wanted - {""}})
        for pk, name, former in found.values_list("organisation", "name", "former")[:most]:
            rows[pk, name] = _Known(pk, name, former)
    return list(rows.values())


def _judged(asked: dict[str, Parts], candidates: list[_Known], among: Q | None) -> dict[str, list[Resolved]]:
    """Return the best verdict for every name and organisation that is one in question."""
    verdicts: dict[str, dict[int, tuple[Verdict, str]]] = defaultdict(dict)
    cut = [(one, parts_of(one.name)) for one in candidates]
    for name, parts in asked.items():
        for one, known in cut:
            verdict = compare(parts, known, former=one.former)
            best = verdicts[name].get(one.organisation)
            if verdict and (best is None or verdict.score > best[0].score):
                verdicts[name][one.organisation] = (verdict, one.name)
    wanted = {pk for mine in verdicts.values() for pk in mine}
    there = Organisation.objects.filter(pk__in=wanted, active=True).exclude(kind__in=NOT_FIRMS)
    firms = (there.filter(among) if among is not None else there).in_bulk() if wanted else {}
    return {
        name: [Resolved(firms[pk], known, verdict) for pk, (verdict, known) in verdicts[name].items() if pk in firms]
        for name in asked
    }


def _settled(name: str, found: list[Resolved], somebodys: bool) -> list[Resolved]:
    """Return those called so where there are any, else the best guesses.

    The name as written goes before the other writing of the form, that before former names; and where it is the name of
    `somebody` else whom we know, neither of these two is sure.
    """
    for tier in ((EXACT, WRITTEN), (FORM,), (FORMER,)):
        called = [one for one in found if one.verdict.how in tier]
        if called:
            checked = [one for one in called if one.organisation.verified] or called
            alone = len(checked) == 1 and (WRITTEN in tier or not somebodys)
            return [_exactly(name, one) if alone and one is checked[0] else _namesake(one) for one in called]
    found.sort(key=lambda one: (-one.verdict.score, one.organisation.pk))
    return found[:GUESSES]


def _exactly(name: str, one: Resolved) -> Resolved:
    exact = one.verdict.how != FORMER and one.organisation.name == name
    return replace(one, verdict=Verdict(EXACT, SCORES[EXACT])) if exact else one


def _namesake(one: Resolved) -> Resolved:
    return replace(one, verdict=replace(one.verdict, how=NAMESAKE, score=SCORES[NAMESAKE]))
