"""What belongs to an enterprise that was found: rooms register what they bring, only what the member may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.enterprises.models import Enterprise
from xinshu.web.words import day

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST = 5  # of each kind for each enterprise


@dataclass(frozen=True)
class Hit:
    """One thing that belongs to an enterprise: its words, a line below, where it leads."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Related:
    """One kind of thing that a room brings: `bring` returns up to MOST hits by enterprise, in a few queries for all."""

    label: "StrOrPromise"
    icon: str
    bring: Callable[[Sequence[Enterprise], Member, datetime], dict[int, list[Hit]]]


KINDS: dict[str, Related] = {}


def register_related(code: str, kind: Related) -> None:
    """Have `kind` asked for whatever is found. Called at start-up; a second time changes nothing."""
    KINDS[code] = kind


@dataclass(frozen=True)
class Finder:
    """One kind of thing that a room finds by what was typed: up to MOST hits, and where all of them are listed."""

    label: "StrOrPromise"
    find: Callable[[str, Member, datetime], list[Hit]]
    everything: Callable[[str], str]  # what was typed → the address of the list narrowed to it


FINDERS: dict[str, Finder] = {}


def register_finder(code: str, finder: Finder) -> None:
    """Have the search page ask `finder` for what was typed. Called at start-up; a second time changes nothing."""
    FINDERS[code] = finder


def related_to(
    enterprises: Sequence[Enterprise], member: Member, at: datetime
) -> dict[int, list[tuple[Related, list[Hit]]]]:
    """Return what belongs to each, kind by kind in the order of registration; kinds without anything are left out."""
    brought = [(kind, kind.bring(enterprises, member, at)) for kind in KINDS.values()] if enterprises else []
    return {one.pk: [(kind, hits[one.pk][:MOST]) for kind, hits in brought if hits.get(one.pk)] for one in enterprises}


def files_of_record(enterprises: Sequence[Enterprise], member: Member, at: datetime) -> dict[int, list[Hit]]:
    """Return the documents kept with a record, newest first: whoever sees the record may read them."""
    wanted = [one.pk for one in enterprises]
    files = (
        File.objects.filter(subject_type=Enterprise._meta.label_lower, subject_id__in=wanted)
        .annotate(place=newest_of_each("subject_id"))
        .filter(place__lte=MOST)
        .order_by("-pk")
    )
    found: dict[int, list[Hit]] = {}
    for file in files:
        url = reverse("documents:file", args=[file.reference])
        found.setdefault(file.subject_id or 0, []).append(Hit(file.name, day(file.uploaded_at), url))
    return found


def newest_of_each(by: str) -> Window:
    """Return the place of a row among those of the same `by`, newest first: what `bring` cuts at MOST."""
    return Window(RowNumber(), partition_by=F(by), order_by=F("pk").desc())


register_related("documents", Related(_("来源文件"), "doc", files_of_record))
