"""不可抗力: a guarantor's counter is shut, and what would expire meanwhile lives thirty days longer (URDG 758 Art. 26).

Only independent guarantees: a period of suretyship is not suspended, interrupted or extended by anything (民法典 692),
and of surety insurance its policy decides. A guarantee that has ended already stays ended.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.lifecycle import Lifecycle, Row, State
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.drawing import locked_instrument
from xinshu.guarantees.history import remember
from xinshu.guarantees.kinds import Nature
from xinshu.guarantees.models import Closure, Guarantee, Prolonging
from xinshu.guarantees.terms_now import last_days, values_now
from xinshu.ledger.recording import record

DAYS = 30  # calendar days from the day on which it would otherwise have expired
ROLL = timedelta(days=14)  # no counter is shut for longer by its calendar alone
RIGHT = "guarantees.issue"
LIFECYCLE = Lifecycle(
    "closure",
    "不可抗力停业",
    states=(
        State("standing", "停业中", "law", "guarantor", "恢复营业后登记"),
        State("lifted",   "已恢复", "mute", final=True),
    ),
    rows=(
        Row("lift", "恢复营业", ("standing",), "lifted", "guarantor", RIGHT, tone="pri",
            consequence="停业期间到期的独立保函已展期三十日；未审完的索赔从恢复营业起接着计时。"),
    ),
)  # fmt: skip


@transaction.atomic
def declare_closure(
    house: Organisation, *, began_on: date, reason: str, content: bytes | None, name: str, by: Member, at: datetime
) -> Closure:
    """Say that nothing can be presented at the house's counter since a day; what expired since then is extended."""
    if by.organisation_id != house.pk or house.kind not in Organisation.ISSUERS or not by.can(RIGHT):
        raise NotPermitted(_("只有保证人自己的签发人可以登记停业。"))
    problems = {}
    if began_on > local_day(at):
        problems["began_on"] = _("不能在今天之后")
    if len(reason.strip()) < 4:
        problems["reason"] = _("至少 4 个字")
    if not content:
        problems["file"] = _("请上传政府公告或其他证明")
    if problems:
        raise Invalid("；".join(problems.values()) + "。", fields=problems, advice=_("修改后再提交，已填内容都在。"))
    Organisation.objects.select_for_update(no_key=True).get(pk=house.pk)
    if Closure.objects.filter(guarantor=house, state="standing").exists():
        raise NotNow(_("已登记的停业还没有恢复，不能再登记一次。"), advice=_("恢复营业后请先登记恢复。"))
    closure = Closure(
        guarantor=house, state="standing", began_on=began_on, reason=reason.strip()[:500], declared_at=at,
        declared_by=by.actor_label[:60],
        document=keep_file(content or b"", name, house, by, at, subject=house),
    )  # fmt: skip
    closure.save()
    record("closure.declared", closure, by=by, at=at, began_on=began_on.isoformat(), reason=closure.reason)
    prolong(closure, until=local_day(at), by=by, at=at)
    return closure


@transaction.atomic
def lift_closure(closure: Closure, *, ended_on: date, by: Member, at: datetime) -> Closure:
    """Say on which day the counter was shut for the last time."""
    closure = Closure.objects.locked(closure)
    step = LIFECYCLE.step("lift", closure, by)
    if not closure.began_on <= ended_on <= local_day(at):
        message = _("最后停业日应在 %(day)s 和今天之间。") % {"day": closure.began_on.isoformat()}
        raise Invalid(message, fields={"ended_on": message})
    prolong(closure, until=ended_on, by=by, at=at)
    closure.change(step, ended_on=ended_on)
    record("closure.lifted", closure, by=by, at=at, ended_on=ended_on.isoformat())
    return closure


def prolong(closure: Closure, *, until: date, by: Actor = SYSTEM, at: datetime) -> list[Prolonging]:
    """Extend the house's independent guarantees whose last day lies in the closure, up to `until`. Each once."""
    near = Guarantee.objects.filter(
        guarantor=closure.guarantor_id, nature=Nature.INDEPENDENT, state="in_force",
        expires_on__gte=closure.began_on - ROLL, expires_on__lte=until,
    ).exclude(prolongings__closure=closure)  # fmt: skip
    rows = list(near.order_by("pk"))
    lasts = last_days(rows)
    due = [row for row in rows if closure.began_on <= lasts[row.pk] <= until]
    return [_prolong_one(closure, row, lasts[row.pk], by=by, at=at) for row in due]


@transaction.atomic
def _prolong_one(closure: Closure, guarantee: Guarantee, last: date, *, by: Actor, at: datetime) -> Prolonging:
    guarantee = locked_instrument(guarantee)
    before = guarantee.expires_on
    assert before is not None
    after = last + timedelta(days=DAYS)
    row = Prolonging.objects.create(closure=closure, guarantee=guarantee, before=before, after=after, at=at)
    guarantee.change(at=at, expires_on=after)
    remember(
        "guarantee.prolonged", guarantee, by=by, at=at, number=guarantee.number, before=before.isoformat(),
        expires_on=after.isoformat(), closure=closure.reference, terms=values_now(guarantee),
        reason=_("不可抗力停业（%(why)s）期间到期，自 %(day)s 起延长 %(n)d 日") % {
            "why": closure.reason[:80].rstrip("。"), "day": last.isoformat(), "n": DAYS,
        },
    )  # fmt: skip
    return row
