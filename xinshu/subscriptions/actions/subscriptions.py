"""Subscriptions are written, edited, switched off and on, each by the person whose they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.admission.models import Tag
from xinshu.core.divisions import prefix_of
from xinshu.core.refusals import Invalid
from xinshu.ledger.recording import record
from xinshu.subscriptions.engine.language import LONGEST_WORD, SHORTEST_WORD, Unreadable, parse, wanted_of
from xinshu.subscriptions.engine.words import normalise
from xinshu.subscriptions.lifecycle import SUBSCRIPTION
from xinshu.subscriptions.models import Subscription
from xinshu.subscriptions.store import next_stamp
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.trades import TRADES

MOST = 100  # subscriptions of one person
MOST_VALUES = 20  # of one filter


@dataclass(frozen=True)
class Content:
    """What a subscription says, as it is typed."""

    name: str
    line: str = ""
    qualifications: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    trades: tuple[str, ...] = ()
    tags: tuple[int, ...] = ()
    least_amount: int | None = None
    most_amount: int | None = None
    least_score: int = 0
    unsure: bool = True


@transaction.atomic
def write_subscription(content: Content, *, by: Member, at: datetime) -> Subscription:
    """Begin a subscription of one's own. It finds what comes in from now on. Raises Invalid per field."""
    row = Subscription(state="on", owner=by, house=by.organisation, created_at=at, changed_at=at)
    SUBSCRIPTION.step("edit_subscription", row, by)
    columns = checked(content, by)
    if Subscription.objects.filter(owner=by).count() >= MOST:
        raise Invalid(
            _("您已有 %(n)d 条订阅，没有再新建。") % {"n": MOST}, advice=_("请修改或合并已有的订阅，已填写的内容都在。")
        )
    for name, value in columns.items():
        setattr(row, name, value)
    row.stamp = next_stamp()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _named_twice() from None
    record("subscription.written", row, by=by, at=at, **columns)
    return row


@transaction.atomic
def edit_subscription(row: Subscription, content: Content, *, by: Member, at: datetime) -> Subscription:
    """Change what a subscription says; what it has found stays."""
    row = Subscription.objects.locked(row)
    step = SUBSCRIPTION.step("edit_subscription", row, by)
    columns = checked(content, by)
    if Subscription.objects.filter(owner=row.owner_id, name=columns["name"]).exclude(pk=row.pk).exists():
        raise _named_twice()
    row.change(step, **columns, changed_at=at, stamp=next_stamp())
    record("subscription.edited", row, by=by, at=at, **columns)
    return row


@transaction.atomic
def switch_off(row: Subscription, *, by: Member, at: datetime) -> Subscription:
    """Let it find nothing more; what it has found stays."""
    row = Subscription.objects.locked(row)
    row.change(SUBSCRIPTION.step("switch_off", row, by), changed_at=at, stamp=next_stamp())
    record("subscription.off", row, by=by, at=at, name=row.name)
    return row


@transaction.atomic
def switch_on(row: Subscription, *, by: Member, at: datetime) -> Subscription:
    """Let it find again what comes in from now on."""
    row = Subscription.objects.locked(row)
    row.change(SUBSCRIPTION.step("switch_on", row, by), changed_at=at, stamp=next_stamp())
    record("subscription.on", row, by=by, at=at, name=row.name)
    return row


def _named_twice() -> Invalid:
    return Invalid(_("订阅没有保存。"), advice=_("已填写的内容都在。"), fields={"name": _("您已有同名的订阅")})


def checked(content: Content, by: Member) -> dict[str, Any]:
    """Return what a subscription says as columns. Raises Invalid per field."""
    problems: dict[str, str] = {}
    name = " ".join(content.name.split())
    if not 1 <= len(name) <= 40 or not name.isprintable():
        problems["name"] = _("填 1 到 40 个字")
    line = " ".join(content.line.split())
    expression = None
    try:
        expression = parse(content.line)
    except Unreadable as wrong:
        problems["line"] = str(wrong)
    words = list(dict.fromkeys(one for typed in content.qualifications if (one := normalise(typed))))
    if wrong_words := [one for one in words if not SHORTEST_WORD <= len(one) <= LONGEST_WORD]:
        problems["qualifications"] = _("“%(word)s”须是 %(a)d 到 %(b)d 个字") % {
            "word": wrong_words[0][:LONGEST_WORD], "a": SHORTEST_WORD, "b": LONGEST_WORD,
        }  # fmt: skip
    regions = list(dict.fromkeys(prefix_of(code) for code in content.regions))
    if unknown := [code for code in regions if not (len(code) <= 6 and code.isascii() and code.isdecimal())]:
        problems["regions"] = _("没有找到地区“%(code)s”") % {"code": unknown[0][:20]}
    if set(content.kinds) - set(KINDS):
        problems["kinds"] = _("请选择公告类型")
    if set(content.trades) - set(TRADES):
        problems["trades"] = _("请选择行业")
    if set(content.tags) - set(
        Tag.objects.filter(house=by.organisation, pk__in=content.tags).values_list("pk", flat=True)
    ):
        problems["tags"] = _("请选择本机构的标签")
    for field_name, values in (("qualifications", words), ("regions", regions)):
        if len(values) > MOST_VALUES:
            problems[field_name] = _("最多 %(n)d 个") % {"n": MOST_VALUES}
    if None not in (content.least_amount, content.most_amount) and content.least_amount > content.most_amount:  # type: ignore[operator]
        problems["most_amount"] = _("上限小于下限")
    if not 0 <= content.least_score <= 100:
        problems["least_score"] = _("填 0 到 100")
    narrow = words or content.kinds or regions or content.trades or content.tags
    ranged = content.least_amount is not None or content.most_amount is not None
    if not problems and not narrow and not ranged and not wanted_of(expression):
        problems["line"] = _("至少填一个要找的关键词，或选一个条件，否则每份公告都会命中")
    if problems:
        raise Invalid(_("订阅没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    return {
        "name": name, "line": line, "qualifications": words, "kinds": sorted(set(content.kinds)), "regions": regions,
        "trades": sorted(set(content.trades)), "tags": sorted(set(content.tags)),
        "least_amount": content.least_amount, "most_amount": content.most_amount,
        "least_score": content.least_score, "unsure": content.unsure,
    }  # fmt: skip
