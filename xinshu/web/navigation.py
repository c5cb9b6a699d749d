"""What a navigation table is made of. The table itself is config/navigation.py: config knows every context."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.module_loading import import_string

from xinshu.accounts.models import Member

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Entry:
    """One place to go: absent for those without `permission` or of other organisation `kinds`, and when not built in.

    `badge` names a count registered in web.shell; `tab` puts the entry into the phone's bottom bar; `demo` keeps it
    out of production.
    """

    label: "StrOrPromise"
    icon: str
    to: str  # name of the page: "guarantees:list"
    permission: str = ""
    kinds: tuple[str, ...] = ()
    badge: str = ""
    tab: "StrOrPromise" = ""  # short label in the phone's bottom bar
    demo: bool = False

    def is_for(self, member: Member) -> bool:
        """Tell whether `member` gets to see this entry."""
        return (
            (not self.permission or member.can(self.permission))
            and (not self.kinds or member.organisation.kind in self.kinds)
            and (not self.demo or settings.DEMO or settings.TESTING)
        )


@dataclass(frozen=True)
class Section:
    """Entries under one heading; the first section has none."""

    label: "StrOrPromise"
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """An entry as it stands on one page for one member."""

    label: str
    icon: str
    href: str
    current: bool
    tab: str
    badge: str


@cache
def _href(name: str, urlconf: str | None) -> str:
    try:
        return reverse(name, urlconf)
    except NoReverseMatch:
        return ""


def table() -> Sequence[Section]:
    """Return the installation's navigation (setting NAVIGATION)."""
    return import_string(settings.NAVIGATION)


def links(member: Member, path: str) -> list[tuple[str, list[Link]]]:
    """Return sections with the entries that `member` may see; of those that lead to `path` the longest is current."""
    urlconf = get_urlconf()
    shown = [
        (
            section.label,
            [(entry, href) for entry in section.entries if (href := _href(entry.to, urlconf)) and entry.is_for(member)],
        )
        for section in table()
    ]
    leading = [href for _label, entries in shown for _entry, href in entries if path.startswith(href)]
    current = max(leading, key=len, default="")
    return [
        (
            str(label),
            [Link(str(e.label), e.icon, href, href == current, str(e.tab), e.badge) for e, href in entries],
        )
        for label, entries in shown
        if entries
    ]
