"""Tables of who is told what: after which entry, on which side, who of them, on which channels, in which words.

A context keeps its table of `Announcement` and declares it at import; to whom a side belongs in one case, and the words
of that case, are its own.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils.functional import lazy

from xinshu.accounts.models import Organisation
from xinshu.ledger.kinds import name_of
from xinshu.ledger.models import Entry
from xinshu.messaging.kinds import MAIL, PUSH, SMS, WECHAT, MessageKind, declare_kind, placeholders_of
from xinshu.messaging.notices import notify

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_LETTERS = {"S": SMS, "M": MAIL, "W": WECHAT, "P": PUSH}


@dataclass(frozen=True)
class Announcement:
    """One line: after `kind`, members of `side` who hold `permission` read `text`, on the page and on `channels`."""

    kind: str
    side: str
    permission: str
    tone: str
    channels: str  # letters: S SMS, M mail, W WeChat, P app push
    priority: int
    text: "StrOrPromise"  # with %(parameters)s
    when: Callable[[Entry], bool] = lambda _entry: True

    @property
    def code(self) -> str:
        """What the announcement is called among the kinds of messages."""
        return f"{self.kind}.{self.side}"

    def send(
        self,
        house: Organisation,
        words: Mapping[str, str],
        *,
        link: str,
        subject: models.Model,
        key: str,
        at: datetime,
        sealed_until: datetime | None,
        score: int | None = None,
        merge: str = "",
    ) -> int:
        """Tell those of `house` who are meant, as `notify` does; returns how many people were told."""
        return notify(
            house, str(self.text) % words, link=link, permission=self.permission, tone=self.tone, subject=subject,
            key=key, at=at, kind=self.code, values=words, sealed_until=sealed_until,
            score=score, merge=merge,
        )  # fmt: skip


def declare(
    rows: Iterable[Announcement],
    samples: Mapping[str, str],
    sides: Mapping[str, "StrOrPromise"],
    unnamed: "StrOrPromise",
) -> None:
    """Make `rows` known as kinds of messages; `unnamed` is how one is called whose entry has no name."""

    def label(row: Announcement) -> str:
        return f"{name_of(row.kind, str(unnamed))} → {sides[row.side]}"

    for row in rows:
        text = re.sub(r"%\((\w+)\)s", r"${\1}", str(row.text))
        shown = {name: samples[name] for name in placeholders_of(text)}
        channels = tuple(_LETTERS[letter] for letter in row.channels)
        declare_kind(MessageKind(row.code, lazy(label, str)(row), text, shown, channels, row.priority))
