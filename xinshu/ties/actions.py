"""What can be done with ties: tell one, correct it, take it back; have the register asked, take in what it answers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core import resident_id, uscc
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import Upload, keep_file, read_upload
from xinshu.enterprises.actions import may_enter
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.ledger.recording import record
from xinshu.rules.models import SourceCall
from xinshu.ties.graph.shapes import WHOLE
from xinshu.ties.models import Node, Tie, TieQuerySet
from xinshu.ties.nodes import Person, firm_node, node_of, person_node

EARLIEST = date(1949, 10, 1)
WITH_AMOUNT = (Tie.Kind.GUARANTEES, Tie.Kind.SUPPLIES)


@dataclass(frozen=True)
class Facts:
    """What a tie says beside its ends. `share` in basis points, `amount` in 分."""

    kind: str
    share: int | None = None
    amount: int | None = None
    role: str = ""
    valid_from: date = date.min
    valid_until: date | None = None


@dataclass(frozen=True)
class Other:
    """The other end: one that is there already, a firm by its code, or a person."""

    node: Node | None = None
    firm_name: str = ""
    firm_code: str = ""
    person: Person | None = None


@transaction.atomic
def tell_tie(
    enterprise: Enterprise, other: Other, facts: Facts, *, from_other: bool, upload: Upload | None, label: str,
    by: Member, at: datetime, about: Node | None = None,
) -> Tie:  # fmt: skip
    """Enter a tie of `enterprise` by hand, with the document that proves it.

    `about`: another firm of its graph whose tie it is (the owner of an owner). `from_other`: the other end owns
    (controls, runs, guarantees, supplies) the firm. Raises NotPermitted for who does not keep the record, Invalid per
    field.
    """
    enterprise = Enterprise.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=enterprise.pk)
    may_enter(enterprise, by)
    problems = _problems(facts, at) | _problems_of(other, facts, from_other=from_other)
    if upload is None:
        problems["file"] = _("请上传证明这层关系的文件")
    if len(label.strip()) < 2:
        problems["label"] = _("请写明文件名称，例如“公司章程修正案”")
    if problems:
        raise Invalid(_("关系没有登记，请修改标出的内容。其他内容保留在页面上。"), fields=problems)
    assert upload is not None
    own, there = about or node_of(enterprise.organisation), _node(other)
    source, target = (there, own) if from_other else (own, there)
    made = Tie(
        source=source, target=target, origin=Tie.Origin.DOCUMENT, teller=by.organisation, label=label.strip()[:120],
        recorded_at=at, recorded_by=by.actor_key, **_columns(facts),
    )  # fmt: skip
    _must_fit(made)
    made.file = keep_file(read_upload(upload), upload.name or "", by.organisation, by, at)
    made.save()
    made.file.subject_type, made.file.subject_id = made._meta.label_lower, made.pk
    made.file.save(update_fields=["subject_type", "subject_id"])
    record("tie.told", made, by=by, at=at, tie_kind=made.kind, nodes=[source.pk, target.pk], file=made.file.pk)
    return made


def _columns(facts: Facts) -> dict[str, object]:
    return {
        "kind": facts.kind, "share": facts.share, "amount": facts.amount, "role": facts.role.strip()[:40],
        "valid_from": facts.valid_from, "valid_until": facts.valid_until,
    }  # fmt: skip


def _problems(facts: Facts, at: datetime) -> dict[str, str]:
    """Return what cannot be right whoever the ends are, by field."""
    wrong: dict[str, str] = {}
    if facts.kind not in Tie.Kind.values:
        return {"kind": _("请选择关系")}
    if facts.kind == Tie.Kind.OWNS and not 1 <= (facts.share or 0) <= WHOLE:
        wrong["share"] = _("请填写 0.01 到 100 之间的比例")
    if facts.kind != Tie.Kind.OWNS and facts.share is not None:
        wrong["share"] = _("只有持股才填比例")
    if facts.amount is not None and (facts.kind not in WITH_AMOUNT or not 0 < facts.amount < 10**15):
        wrong["amount"] = _("担保和供应填写大于 0 的金额，其他关系不填")
    if facts.kind == Tie.Kind.RUNS and not facts.role.strip():
        wrong["role"] = _("请填写职务，例如“法定代表人”")
    if not EARLIEST <= facts.valid_from <= local_day(at):
        wrong["valid_from"] = _("请填写今天或以前的日期")
    elif facts.valid_until is not None and not facts.valid_from <= facts.valid_until < date(2200, 1, 1):
        wrong["valid_until"] = _("不能早于开始日")
    return wrong


def _problems_of(other: Other, facts: Facts, *, from_other: bool) -> dict[str, str]:
    """Return what is wrong with the other end, by field."""
    person = other.person is not None or (other.node is not None and other.node.kind == Node.Kind.PERSON)
    if person and not from_other:
        return {"direction": _("自然人不能被持股、任职或供应，请改选方向")}
    if facts.kind == Tie.Kind.RUNS and not person:
        return {"kind": _("任职的一方须是自然人")}
    if other.node is not None:
        return {}
    if other.person is not None:
        wrong = {}
        if len(other.person.name.strip()) < 2:
            wrong["name"] = _("请填写姓名")
        if other.person.number and (found := resident_id.problems(other.person.number)):
            wrong["number"] = found[0]
        return wrong
    wrong = {}
    if len(other.firm_name.strip()) < 4:
        wrong["name"] = _("请填写营业执照上的全称")
    if found := uscc.problems(uscc.normalise(other.firm_code)):
        wrong["code"] = found[0]
    return wrong


def _node(other: Other) -> Node:
    if other.node is not None:
        return other.node
    return person_node(other.person) if other.person else firm_node(other.firm_name, other.firm_code)


def _must_fit(tie: Tie) -> None:
    """Raise Invalid where the tie contradicts others that stand: with itself, told twice, more than the whole."""
    if tie.source_id == tie.target_id:
        raise Invalid(_("关系的两端不能是同一家企业。"), fields={"name": _("请填写另一方")})
    until = tie.valid_until or date.max
    beside = _standing_ones(tie).filter(valid_from__lte=until)
    beside = beside.filter(Q(valid_until=None) | Q(valid_until__gte=tie.valid_from))
    if beside.filter(source=tie.source, kind=tie.kind, role=tie.role, teller=tie.teller).exists():
        raise Invalid(
            _("这层关系已经登记过，没有重复登记。"), advice=_("内容有变的，请在原来那条上更正。"),
            fields={"kind": _("已经登记")},
        )  # fmt: skip
    if tie.kind == Tie.Kind.OWNS:
        # other tellers may say the same of the same owner: of each owner the largest share counts once
        told: dict[int, int] = {}
        for owner, share in (
            beside.filter(kind=Tie.Kind.OWNS)
            .filter(Q(teller=None) | Q(teller=tie.teller))
            .values_list("source", "share")
        ):
            told[owner] = max(told.get(owner, 0), share or 0)
        told[tie.source_id] = tie.share or 0
        if sum(told.values()) > WHOLE:
            raise Invalid(
                _("加上这条，股东持股合计 %(sum)s%%，超过 100%%，没有登记。") % {"sum": points(sum(told.values()))},
                advice=_("请核对比例和起止日期，或先把转出的股东改为到期。"), fields={"share": _("合计超过 100")},
            )  # fmt: skip


def _standing_ones(tie: Tie) -> TieQuerySet:
    found = Tie.objects.filter(target=tie.target, withdrawn=False, replaced_by=None)
    return found.exclude(pk=tie.replaces_id) if tie.replaces_id else found


def points(share: int) -> str:
    """Return basis points as per cent: 6500 is "65", 3333 is "33.33"."""
    return f"{share / 100:.2f}".rstrip("0").rstrip(".")


# corrections


@transaction.atomic
def correct_tie(tie: Tie, facts: Facts, *, reason: str, by: Member, at: datetime) -> Tie:
    """Enter what is right in place of what was told: share, amount, role and days may change, the ends may not.

    The old entry stays, and stands on every day on which it was known. Raises NotPermitted, Invalid, Changed when
    somebody else corrected it meanwhile.
    """
    _may_correct(tie, by, reason)
    facts = replace(facts, kind=tie.kind)
    if problems := _problems(facts, at):
        raise Invalid(_("没有更正，请修改标出的内容。"), fields=problems)
    made = _instead(tie, by, at, reason)
    for name, value in _columns(facts).items():
        setattr(made, name, value)
    _must_fit(made)
    return _kept(made, "tie.corrected", by, at)


@transaction.atomic
def withdraw_tie(tie: Tie, *, reason: str, by: Member, at: datetime) -> Tie:
    """Say that a tie never was. Raises as `correct_tie`."""
    _may_correct(tie, by, reason)
    made = _instead(tie, by, at, reason)
    made.withdrawn = True
    return _kept(made, "tie.withdrawn", by, at)


def correctable(tie: Tie, by: Member) -> bool:
    """Say whether a tie can be corrected by hand in the house of `by`: it told it by a document. Asks nothing."""
    return tie.origin == Tie.Origin.DOCUMENT and tie.teller_id == by.organisation_id and not tie.withdrawn


def may_correct(tie: Tie, by: Member) -> bool:
    """Say whether `by` may correct a tie, as strictly as `may_enter` asks of whoever tells one.

    What a firm told, its own people who keep its record; what a house told, the account manager of one of the ends.
    """
    if not correctable(tie, by):
        return False
    if by.organisation.kind not in Organisation.ISSUERS:
        return by.can("enterprises.edit")
    ends = [end.organisation_id for end in (tie.source, tie.target) if end.organisation_id]
    return Relation.objects.filter(manager=by, enterprise__organisation__in=ends).exists()


def offers_correction(tie: Tie, enterprise: Enterprise, by: Member) -> bool:
    """Say whether the page of a firm whose record `by` keeps offers to correct a tie on it. Asks nothing per row."""
    here = enterprise.organisation_id
    ends = (tie.source.organisation_id, tie.target.organisation_id)
    return correctable(tie, by) and (here == by.organisation_id or here in ends)


def _may_correct(tie: Tie, by: Member, reason: str) -> None:
    if not correctable(tie, by):
        raise NotPermitted(
            _("这条关系不能手工更正。"), advice=_("登记机关的内容随下次查询更新，平台业务的内容随业务更新。")
        )
    if not may_correct(tie, by):
        raise NotPermitted(
            _("您没有更正这条关系的权限，没有更正。"), advice=_("由本企业经办人，或负责其中一家企业的客户经理更正。")
        )
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明更正的原因。"), fields={"reason": _("还没有填写")})


def _instead(tie: Tie, by: Actor, at: datetime, reason: str) -> Tie:
    """Return an unsaved entry that says the same as `tie` and replaces it."""
    return Tie(
        kind=tie.kind, source_id=tie.source_id, target_id=tie.target_id, share=tie.share, amount=tie.amount,
        role=tie.role, valid_from=tie.valid_from, valid_until=tie.valid_until, origin=tie.origin,
        teller_id=tie.teller_id, file_id=tie.file_id, call_id=tie.call_id, case_key=tie.case_key, label=tie.label,
        link=tie.link, replaces=tie, reason=reason.strip()[:300], recorded_at=at, recorded_by=by.actor_key,
    )  # fmt: skip


def _kept(made: Tie, kind: str, by: Actor, at: datetime) -> Tie:
    assert made.replaces_id is not None
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Changed(
            _("您打开页面以后，这条关系已被更正过，您的更正没有保存。"), case=made.replaces,
            advice=_("请先看最新内容，再决定是否继续更正。"),
        ) from None  # fmt: skip
    record(kind, made, by=by, at=at, tie_kind=made.kind, nodes=[made.source_id, made.target_id],
           replaces=made.replaces_id)  # fmt: skip
    return made


# cases of the platform: rooms above tell what stands, as often as they like


@dataclass(frozen=True)
class Told:
    """A tie as a case tells it: its ends, what it says, how the case is called and where it is found."""

    source: Node
    target: Node
    facts: Facts
    key: str  # "guarantees.guarantee:12:guarantee": one tie at a time has it
    label: str
    link: str


def follow_case(told: Told, *, teller_id: int, by: Actor, at: datetime) -> Tie | None:
    """Bring the tie of a case up to date; None where nothing is new. Must run in a transaction.

    A new amount is no correction: the old tie ends the day before, a new one begins.
    """
    standing = (
        Tie.objects.select_for_update(of=("self",))
        .filter(case_key=told.key, replaced_by=None, withdrawn=False).order_by("-valid_from", "-pk").first()
    )  # fmt: skip
    wanted, today = told.facts, local_day(at)
    if standing is not None and standing.amount != wanted.amount and wanted.valid_until is None:
        if standing.valid_from < today:
            _end(standing, today - timedelta(days=1), _("金额变化"), by, at)
            standing, wanted = None, replace(wanted, valid_from=today)
        else:
            again = _instead(standing, by, at, _("金额变化"))
            again.amount = wanted.amount
            return _kept(again, "tie.corrected", by, at)
    if standing is None:
        made = Tie(
            source=told.source, target=told.target, origin=Tie.Origin.CASE, teller_id=teller_id, case_key=told.key,
            label=told.label[:120], link=told.link[:200], recorded_at=at, recorded_by=by.actor_key, **_columns(wanted),
        )  # fmt: skip
        made.save()
        record("tie.told", made, by=by, at=at, tie_kind=made.kind, nodes=[made.source_id, made.target_id])
        return made
    if wanted.valid_until is not None and standing.valid_until is None:
        return _end(standing, max(wanted.valid_until, standing.valid_from), _("业务结束"), by, at)
    return None


def _end(tie: Tie, on: date, reason: str, by: Actor, at: datetime) -> Tie:
    made = _instead(tie, by, at, reason)
    made.valid_until = on
    return _kept(made, "tie.corrected", by, at)


# the register


@transaction.atomic
def ask_register(enterprise: Enterprise, *, by: Member, at: datetime) -> None:
    """Have the register asked who owns and runs a firm; the worker asks. Raises NotNow for a firm without a code."""
    may_enter(enterprise, by)
    if not enterprise.organisation.uscc:
        raise NotNow(_("企业还没有统一社会信用代码，不能向登记机关查询。"), advice=_("请先在企业资料里补充。"))
    record("tie.asked", enterprise, by=by, at=at, organisation=by.organisation_id)


@transaction.atomic
def take_answer(own: Node, call: SourceCall, told: Iterable[tuple[Node, Facts]], *, by: Actor, at: datetime) -> int:
    """Take in what the register says of owners and people of the firm `own`: all of them as of one day.

    What stands and is not said any more ends the day before; what is said otherwise ends and begins anew. Returns how
    many ties are new or ended.
    """
    own, on = Node.objects.select_for_update(of=("self",)).get(pk=own.pk), _day_of(call)
    here = Tie.objects.filter(
        target=own, origin=Tie.Origin.REGISTER, valid_until=None, withdrawn=False, replaced_by=None
    )
    standing = {(tie.source_id, tie.kind, tie.role): tie for tie in here}
    changed = 0
    for node, facts in told:
        if node.pk == own.pk:
            continue
        was = standing.pop((node.pk, facts.kind, facts.role.strip()[:40]), None)
        if was is not None and was.share == facts.share:
            continue
        since = facts.valid_from
        if was is not None:
            _over(was, on, by, at)
            since = max(on, was.valid_from)
        made = Tie(
            source=node, target=own, origin=Tie.Origin.REGISTER, call=call, recorded_at=at, recorded_by=by.actor_key,
            label=_("登记机关 %(day)s") % {"day": call.as_of or on.isoformat()},
            **_columns(replace(facts, valid_from=since)),
        )  # fmt: skip
        made.save()
        record("tie.told", made, by=by, at=at, tie_kind=made.kind, nodes=[node.pk, own.pk], call=call.pk)
        changed += 1
    for tie in standing.values():
        _over(tie, on, by, at)
        changed += 1
    record("tie.answered", own, by=by, at=at, call=call.pk, changed=changed)
    return changed


def _over(tie: Tie, on: date, by: Actor, at: datetime) -> None:
    """End what the register does not say any more; what began on the very day never was."""
    made = _instead(tie, by, at, _("登记机关不再载明"))
    if tie.valid_from < on:
        made.valid_until = on - timedelta(days=1)
    else:
        made.withdrawn = True
    _kept(made, "tie.corrected", by, at)


def _day_of(call: SourceCall) -> date:
    try:
        return date.fromisoformat(call.as_of[:10])
    except ValueError:
        return local_day(call.at)
