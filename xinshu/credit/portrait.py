"""What a firm's portrait says of its credit: score, band and lists, to whoever may read them in full."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.credit.kinds import APPLICANT, KINDS
from xinshu.credit.lifecycle import VIEW
from xinshu.credit.models import Behaviour, ListEntry, Record
from xinshu.credit.queries import seen_lists
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.search.sieves import Mark, Sieve, register_sieve
from xinshu.portraits.chapters import LEFT, RIGHT, Chapter, Event, Said, Sentence, register_chapter


def standing(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say how the firm is scored as an applicant, and on which lists it stands."""
    found = Record.objects.in_full_for(member).filter(organisation=enterprise.organisation_id, side=APPLICANT)
    record = found.select_related("card").first()
    if record is None:
        return None
    on, page = local_day(at), reverse("credit:record", args=[record.reference])
    sentences, figures = [], []
    if record.score is not None and record.card is not None:
        words = _("信用评分 %(score)s，%(band)s") % {"score": record.score, "band": record.band}
        source = _("评分规则第 %(n)s 版") % {"n": record.card.number}
        sentences.append(Sentence(words, source, record.on or on, page))
        figures.append({"label": _("信用评分"), "value": record.score, "unit": "", "href": page,
                        "details": [("", record.band)]})  # fmt: skip
    tags, advice = [], []
    for entry in seen_lists(record, member, on):
        tone, label, owner = entry.tone, entry.get_colour_display(), entry.owner.name if entry.owner else _("城市名单")
        words = _("在%(list)s：%(reason)s") % {"list": label, "reason": entry.reason}
        sentences.append(Sentence(words, owner, entry.valid_from, page, "" if tone in ("ok", "info") else tone))
        tags.append((tone, label))
        if tone not in ("ok", "info"):
            advice.append(_("企业在%(list)s（%(owner)s），%(effect)s。") % {
                "list": label, "owner": owner, "effect": entry.get_effect_display(),
            })  # fmt: skip
    return Said(sentences, figures=figures, tags=tags, advice=advice) if sentences else None


NEGATIVE = tuple(kind.code for kind in KINDS.values() if kind.side == APPLICANT and not kind.good)
MOST = 20  # of them on one page


def negatives(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say what speaks against the firm as an applicant, newest first: what counts now, each with its paper or case."""
    rows = Behaviour.objects.visible_to(member).counting(at).filter(
        record__organisation=enterprise.organisation_id, record__side=APPLICANT, kind__in=NEGATIVE,
    )  # fmt: skip
    found = list(rows.select_related("record").order_by("-happened_on", "-pk")[:MOST])
    if not found:
        return None
    page = reverse("credit:record", args=[found[0].record.reference])
    sentences = [
        Sentence(
            _("%(what)s：%(says)s") % {"what": one.label, "says": KINDS[one.kind].says},
            _("信用库 %(case)s") % {"case": one.case} if one.case else _("信用库"), one.happened_on, page, "danger",
        )
        for one in found
    ]  # fmt: skip
    events = [Event(one.happened_on, one.label, "", "danger", one.case or str(_("信用库")), page) for one in found]
    return Said(sentences, events=events, tags=[("danger", _("有负面记录"))])


register_chapter(Chapter("credit", lazy("信用"), 5, LEFT, standing))
register_chapter(Chapter("negatives", lazy("负面记录"), 12, RIGHT, negatives))


def _listed(member: Member, at: datetime) -> QuerySet[ListEntry]:
    return ListEntry.objects.visible_to(member).on(local_day(at)).filter(side=APPLICANT)


def _marks(enterprises: Sequence[Enterprise], member: Member, at: datetime) -> dict[int, list[Mark]]:
    by_house = {one.organisation_id: one.pk for one in enterprises}
    found: dict[int, dict[Mark, None]] = {}
    for entry in _listed(member, at).filter(organisation__in=by_house).order_by("colour", "pk"):
        found.setdefault(by_house[entry.organisation_id], {})[entry.tone, entry.get_colour_display()] = None
    return {pk: [*marks] for pk, marks in found.items()}


register_sieve(
    "list",
    Sieve(
        lazy("名单"), lazy("全部名单"),
        lambda member, at: [(str(code), str(name)) for code, name in ListEntry.Colour.choices if member.can(VIEW)],
        lambda code, member, at: Q(
            enterprise__organisation__in=_listed(member, at).filter(colour=code).values("organisation")
        ),
        _marks,
    ),
)  # fmt: skip
