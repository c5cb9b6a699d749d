"""Asking the index: which enterprises does somebody mean who has typed this much?"""

from django.db.models import Q, QuerySet

from xinshu.accounts.models import Member
from xinshu.core.grams import looked_up, normalise, terms_of
from xinshu.core.pieces import holding
from xinshu.enterprises.models import Enterprise, SearchText
from xinshu.enterprises.search.index import of_house

CANDIDATES = 300  # so many are looked at to put the best in front


def matching(asked: str, member: Member, *, streamed: bool = False) -> QuerySet[SearchText] | None:
    """Return the search texts of the customers of `member`'s institution that hold all that was typed, unsorted.

    None where too little was typed to look for. Whether a found one exists for `member` is asked of `visible_to`.
    `streamed`: SQLite reads its index row by row and stops at a limit; such a query cannot stand inside another one.
    """
    terms = terms_of(asked)
    if not terms:
        return None
    pieces = [of_house(member.organisation_id), *(gram for term in terms for gram in looked_up(term))]
    found = holding(SearchText.objects.all(), "enterprises_searchgrams", pieces, streamed=streamed)
    for term in terms:
        found = found.filter(text__contains=term)  # pieces may stand apart; a term stands together
    return found


def find(asked: str, member: Member, limit: int) -> tuple[list[Enterprise], bool]:
    """Return the enterprises meant, the likeliest first, and whether there are more than were looked at.

    A name that begins like that comes before one that holds it, a short one before a long one. Two queries, as a rule.
    """
    texts = matching(asked, member, streamed=True)
    if texts is None:
        return [], False
    found = list(texts.values_list("enterprise_id", "text")[:CANDIDATES])
    first = terms_of(asked)[0]
    found.sort(key=lambda row: (_rank(row[1], first), len(row[1]), row[0]))
    order = [pk for pk, _text in found]
    hits: list[Enterprise] = []
    # Only the best are loaded: the index knows the house's customers, so hardly any of them falls away here.
    for first_of_lot in range(0, len(order), limit + 1):
        lot = order[first_of_lot : first_of_lot + limit + 1]
        there = Enterprise.objects.visible_to(member).filter(pk__in=lot).select_related("organisation").in_bulk()
        hits += [there[pk] for pk in lot if pk in there]
        if len(hits) > limit:
            break
    return hits[:limit], len(hits) > limit


def _rank(text: str, term: str) -> int:
    lines = text.split("\n")
    if term in lines:
        return 0
    return 1 if any(line.startswith(term) for line in lines) else 2


def narrowed(asked: str, member: Member) -> Q:
    """Return the condition by which a list of enterprises (`enterprise` its link) is narrowed to what was typed."""
    texts = matching(asked, member)
    if texts is None:
        return Q(enterprise__organisation__name__icontains=asked.strip()) if normalise(asked) else Q()
    return Q(enterprise__in=texts.values("enterprise_id"))
