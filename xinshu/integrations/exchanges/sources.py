"""The four tables in which exchanges stand, each searched and told in the same words."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.classification import Level, shown
from xinshu.integrations.events import offered, words_of
from xinshu.integrations.exchanges import taken
from xinshu.integrations.exchanges.references import cases_named, references_of
from xinshu.integrations.leaving import name_field
from xinshu.integrations.models import Call, Sending
from xinshu.ledger.kinds import name_of
from xinshu.ledger.models import Entry, Veil
from xinshu.ledger.veils import Secrecy, open_at
from xinshu.messaging.kinds import CHANNELS, kind_of
from xinshu.messaging.kinds import kinds as message_kinds
from xinshu.messaging.models import Message

IN, OUT = "in", "out"
DIRECTIONS = {IN: lazy("转入"), OUT: lazy("转出")}
OUTCOMES = {"ok": lazy("成功"), "refused": lazy("被拒"), "failed": lazy("未成"), "waiting": lazy("在途")}
FORMS = {"clear": lazy("含敏感字段明文"), "covered": lazy("含已遮盖字段"), "internal": lazy("含内部及以上字段")}
SENSITIVE, INTERNAL = int(Level.SENSITIVE), int(Level.INTERNAL)
Rows = models.QuerySet[Any]


@dataclass(frozen=True)
class Asked:
    """Conditions beyond days, "" where there is none. `kind` is "source:code", `subject` a case's reference."""

    source: str = ""
    direction: str = ""
    receiver: str = ""
    kind: str = ""
    outcome: str = ""
    subject: str = ""
    form: str = ""


@dataclass(frozen=True)
class Exchange:
    """One exchange as an auditor may see it; of a secret one only the day (and nothing of what kind it is)."""

    source: str
    number: int
    at: datetime
    row: models.Model
    secret: bool = False
    receiver: str = ""
    by_what: str = ""  # the system, the subscription's address, the channel
    direction: str = OUT
    what: str = ""
    tone: str = "ok"
    outcome: str = ""
    subject: str = ""
    fields: Sequence[dict[str, Any]] = field(default_factory=list)  # {"field", "level", "covered"}; level 0: unknown
    note: str = ""

    @property
    def direction_label(self) -> str:
        return str(DIRECTIONS[self.direction])

    @property
    def form(self) -> str:
        """In which form the fields left, in words."""
        clear = [one for one in self.fields if not one["covered"]]
        covered = len(self.fields) - len(clear)
        words = [_("%(n)d 项明文") % {"n": len(clear)}] if clear else []
        return "，".join(words + ([_("%(n)d 项遮盖") % {"n": covered}] if covered else []))

    @property
    def is_clear(self) -> bool:
        """Whether something sensitive left uncovered."""
        return any(one["level"] >= SENSITIVE and not one["covered"] for one in self.fields)


class Source(ABC):
    """One table: how it is narrowed, what is secret in it, how its rows are told."""

    code: ClassVar[str]
    label: ClassVar[str | Promise]
    moment: ClassVar[str] = "at"

    @abstractmethod
    def every(self) -> Rows:
        """Return all rows, with what `shown` reads."""

    @abstractmethod
    def open_at(self, rows: Rows, at: datetime) -> Rows:
        """Return the rows of which an auditor may learn at `at`."""

    @abstractmethod
    def secret(self, row: Any, secrecy: Secrecy) -> bool:
        """Say the same of one row."""

    @abstractmethod
    def narrow(self, rows: Rows, asked: Asked) -> Rows:
        """Return the rows that meet the conditions."""

    @abstractmethod
    def kinds(self) -> list[tuple[str, str]]:
        """Return the kinds there can be, with their names."""

    @abstractmethod
    def tell(self, rows: Sequence[Any], by: Member) -> list[Exchange]:
        """Return rows that are no secret as exchanges."""

    def shown(self, rows: Sequence[Any], by: Member, secrecy: Secrecy) -> list[Exchange]:
        """Return `rows` as `by` may see them."""
        open_rows = [row for row in rows if not self.secret(row, secrecy)]
        told = {row.pk: exchange for row, exchange in zip(open_rows, self.tell(open_rows, by), strict=True)}
        return [
            told.get(row.pk) or Exchange(self.code, row.pk, getattr(row, self.moment), row, secret=True) for row in rows
        ]

    def kind_in(self, asked: Asked) -> str | None:
        """Return the code that is asked for here; None where another source's kind is asked for."""
        source, _colon, code = asked.kind.partition(":")
        return code if source in ("", self.code) else None


def name_for(organisation: Organisation, by: Member) -> str:
    """Return an organisation's name; a natural person's covered for whoever may not read it."""
    return str(shown(name_field(organisation), organisation.name, by))


class Calls(Source):
    """What other systems asked of us: reading is data going out, acting is data coming in."""

    code, label = "calls", lazy("接口调用")

    def every(self) -> Rows:
        return Call.objects.select_related("client__organisation", "key")

    def open_at(self, rows: Rows, at: datetime) -> Rows:
        return open_at(rows, at)

    def secret(self, row: Call, secrecy: Secrecy) -> bool:
        return secrecy.hides(row.sealed_until, row.subject_type, row.subject_id)

    def narrow(self, rows: Rows, asked: Asked) -> Rows:
        code = self.kind_in(asked)
        if code is None or asked.outcome == "waiting":
            return rows.none()
        if asked.direction:
            rows = rows.filter(method="GET") if asked.direction == OUT else rows.exclude(method="GET")
        if asked.receiver:
            name = asked.receiver
            rows = rows.filter(Q(client__name__icontains=name) | Q(client__organisation__name__icontains=name))
        if code:
            rows = rows.filter(operation=code)
        bounds = {"ok": (0, 399), "refused": (400, 499), "failed": (500, 999)}
        if asked.outcome:
            rows = rows.filter(status__range=bounds[asked.outcome])
        if asked.subject:
            rows = rows.filter(subject=asked.subject)
        return in_form(rows, asked.form)

    def kinds(self) -> list[tuple[str, str]]:
        from xinshu.integrations.exchanges.operations import operations

        return [(route, told_route(route)) for route in operations()]

    def tell(self, rows: Sequence[Call], by: Member) -> list[Exchange]:
        return [
            Exchange(
                self.code, row.pk, row.at, row,
                receiver=name_for(row.client.organisation, by),
                by_what=row.client.name,
                direction=OUT if row.method == "GET" else IN,
                what=f"{row.method} {told_route(row.operation)}" if row.operation else _("没有这个接口"),
                tone="ok" if row.status < 400 else "warn" if row.status < 500 else "danger",
                outcome=str(row.status),
                subject=row.subject,
                fields=row.fields,
                note=_("重放") if row.replayed else "",
            )
            for row in rows
        ]  # fmt: skip


class Events(Source):
    """What we told other systems of our own accord."""

    code, label = "events", lazy("事件推送")
    OUTCOMES: ClassVar = {"ok": ("sent",), "waiting": ("waiting", "held"), "failed": ("dropped",), "refused": ()}

    def every(self) -> Rows:
        return Sending.objects.select_related("subscription__client__organisation", "entry")

    def open_at(self, rows: Rows, at: datetime) -> Rows:
        own = Veil.objects.filter(subject_type="integrations.sending", subject_id=OuterRef("pk"), until__gt=at)
        return open_at(rows, at, sealed="entry__", subject="entry__").exclude(Exists(own))

    def secret(self, row: Sending, secrecy: Secrecy) -> bool:
        return secrecy.covers(row.entry) or secrecy.hides(None, "integrations.sending", row.pk)

    def narrow(self, rows: Rows, asked: Asked) -> Rows:
        code = self.kind_in(asked)
        if code is None or asked.direction == IN:
            return rows.none()
        if asked.receiver:
            client, name = "subscription__client__", asked.receiver
            rows = rows.filter(
                Q(**{f"{client}name__icontains": name}) | Q(**{f"{client}organisation__name__icontains": name})
            )
        if code:
            rows = rows.filter(kind=code)
        if asked.outcome:
            rows = rows.filter(state__in=self.OUTCOMES[asked.outcome])
        if asked.subject:
            rows = rows.filter(subject=asked.subject)
        return in_form(rows, asked.form)

    def kinds(self) -> list[tuple[str, str]]:
        return offered()

    def tell(self, rows: Sequence[Sending], by: Member) -> list[Exchange]:
        tones = {"sent": "ok", "held": "warn", "dropped": "mute"}
        return [
            Exchange(
                self.code, row.pk, row.at, row,
                receiver=name_for(row.subscription.client.organisation, by),
                by_what=row.subscription.client.name,
                what=words_of([row.kind]),
                tone=tones.get(row.state, "info"),
                outcome=str(row.get_state_display()),
                subject=row.subject,
                fields=row.fields,
            )
            for row in rows
        ]  # fmt: skip


class Files(Source):
    """What people took away: lists as Excel, and files of others whole."""

    code, label = "files", lazy("导出与文件")

    def every(self) -> Rows:
        return Entry.objects.filter(kind__in=[kind for kind, _name in taken.kinds()])

    def open_at(self, rows: Rows, at: datetime) -> Rows:
        return open_at(rows, at)

    def secret(self, row: Entry, secrecy: Secrecy) -> bool:
        return secrecy.covers(row)

    def narrow(self, rows: Rows, asked: Asked) -> Rows:
        code = self.kind_in(asked)
        if code is None or asked.direction == IN or asked.outcome not in ("", "ok"):
            return rows.none()
        if asked.receiver:
            rows = rows.filter(actor_label__icontains=asked.receiver)
        if code:
            rows = rows.filter(kind=code)
        if asked.subject:
            about = Q(pk__in=[])
            for case in cases_named(asked.subject):
                about |= Q(subject_type=case[0], subject_id=case[1])
                for kind, whole in taken.whole().items():
                    about |= Q(kind=kind, subject_id__in=list(whole.ids_about(case)))
            rows = rows.filter(about)
        as_is = Q(kind__in=list(taken.whole()))
        if asked.form == "clear":
            rows = rows.filter(as_is | Q(data__clear__gte=SENSITIVE))
        elif asked.form == "internal":
            rows = rows.filter(as_is | Q(data__level__gte=INTERNAL))
        elif asked.form == "covered":
            rows = rows.filter(Q(data__covered__0__isnull=False))
        return rows

    def kinds(self) -> list[tuple[str, str]]:
        return taken.kinds()

    def tell(self, rows: Sequence[Entry], by: Member) -> list[Exchange]:
        cases: dict[int, taken.Case] = {}
        for kind, whole in taken.whole().items():
            mine = {row.subject_id: row.pk for row in rows if row.kind == kind}
            found = whole.cases_of(mine) if mine else {}
            cases |= {row.pk: found[row.subject_id] for row in rows if row.kind == kind and row.subject_id in found}
        references = references_of(cases.values())
        return [
            Exchange(
                self.code, row.pk, row.at, row,
                receiver=_taker(row, by),
                what=name_of(row.kind),
                outcome=_("已取走"),
                subject=references.get(cases[row.pk], "") if row.pk in cases else "",
                fields=fields_of(row),
                note=_("%(n)s 行") % {"n": f"{row.data['rows']:,}"} if "rows" in row.data else "",
            )
            for row in rows
        ]  # fmt: skip


class Messages(Source):
    """What providers of channels were given to hand on: address and text in the clear."""

    code, label, moment = "messages", lazy("对外消息"), "created_at"
    OUTCOMES: ClassVar = {
        "ok": ("sent", "delivered"),
        "failed": ("failed", "unknown"),
        "waiting": ("sending",),
        "refused": (),
    }
    FIELDS: ClassVar = [
        {"field": lazy("接收地址"), "level": SENSITIVE, "covered": False},  # the provider had it whole
        {"field": lazy("消息内容"), "level": SENSITIVE, "covered": False},
    ]

    def every(self) -> Rows:
        gone = [state for states in self.OUTCOMES.values() for state in states]
        return Message.objects.filter(state__in=gone).select_related("member__user", "member__organisation", "notice")

    def open_at(self, rows: Rows, at: datetime) -> Rows:
        return open_at(rows, at, subject="notice__")

    def secret(self, row: Message, secrecy: Secrecy) -> bool:
        about = (row.notice.subject_type, row.notice.subject_id) if row.notice else ("", None)
        return secrecy.hides(row.sealed_until, *about)

    def narrow(self, rows: Rows, asked: Asked) -> Rows:
        code = self.kind_in(asked)
        if code is None or asked.direction == IN or asked.form == "covered":
            return rows.none()
        if asked.receiver:
            name = asked.receiver
            rows = rows.filter(
                Q(member__organisation__name__icontains=name) | Q(member__user__name__icontains=name) | Q(masked=name)
            )
        if code:
            rows = rows.filter(kind=code)
        if asked.outcome:
            rows = rows.filter(state__in=self.OUTCOMES[asked.outcome])
        if asked.subject:
            about = Q(pk__in=[])
            for type_, number in cases_named(asked.subject):
                about |= Q(notice__subject_type=type_, notice__subject_id=number)
            rows = rows.filter(about)
        return rows

    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.code, str(kind.label)) for kind in message_kinds()]

    def tell(self, rows: Sequence[Message], by: Member) -> list[Exchange]:
        cases = {
            row.pk: (row.notice.subject_type, row.notice.subject_id)
            for row in rows
            if row.notice is not None and row.notice.subject_id is not None
        }
        references = references_of(cases.values())
        return [
            Exchange(
                self.code, row.pk, row.created_at, row,
                receiver=_person(row, by),
                by_what=f"{CHANNELS.get(row.channel, row.channel)} {row.masked}",
                what=str(kind.label) if (kind := kind_of(row.kind)) else row.kind,
                tone=row.standing.tone,
                outcome=row.standing.label,
                subject=references.get(cases[row.pk], "") if row.pk in cases else "",
                fields=self.FIELDS,
            )
            for row in rows
        ]  # fmt: skip


def _taker(row: Entry, by: Member) -> str:
    return _("已到期清除") if row.is_redacted else str(shown("ledger.Entry.actor_label", row.actor_label, by))


def _person(row: Message, by: Member) -> str:
    if row.member is None:
        return _("试发")
    name = shown("accounts.User.name", row.member.user.name, by)
    return f"{name}（{name_for(row.member.organisation, by)}）"


def in_form(rows: Rows, form: str) -> Rows:
    """Narrow rows that keep the form of their fields in columns (leaving.forms)."""
    conditions = {"clear": Q(clear__gte=SENSITIVE), "covered": Q(covered=True), "internal": Q(level__gte=INTERNAL)}
    return rows.filter(conditions[form]) if form else rows


def fields_of(entry: Entry) -> list[dict[str, Any]]:
    """Return the columns of an export as fields; of exports from before levels were kept the level is 0."""
    if entry.kind in taken.whole():
        return [{"field": _("文件原件"), "level": SENSITIVE, "covered": False}]
    covered, titles = entry.data.get("covered", []), entry.data.get("fields", [])
    levels = entry.data.get("levels", [0] * len(titles))
    return [
        {"field": title, "level": level, "covered": title in covered}
        for title, level in zip(titles, levels, strict=False)
    ]


def told_route(route: str) -> str:
    """Return a route as the interface's description writes it: /api/v1/guarantees/{reference}."""
    return "/" + route.replace("<", "{").replace(">", "}").replace("{slug:", "{").replace("{str:", "{")


SOURCES: tuple[Source, ...] = (Calls(), Events(), Files(), Messages())
