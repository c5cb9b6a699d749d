"""What can be done with a text: written, edited, checked, activated by a second person, discarded, retired."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.letters.linting import Remark, errors, lint, warnings
from xinshu.guarantees.letters.texts import Text, form_of
from xinshu.guarantees.types.sample import FORMS, sample_terms
from xinshu.guarantees.wordings.lifecycle import LIFECYCLE
from xinshu.guarantees.wordings.models import Wording
from xinshu.ledger.recording import record

PARAGRAPHS, LONGEST = 40, 1_000  # of one text, of one paragraph


class TextFaulty(Refusal):
    """The linter found errors: the text cannot be used as it reads."""

    title = "文本还要修改"


@transaction.atomic
def draft_wording(kind: str, form: str, text: Text, *, by: Member, at: datetime) -> Wording:
    """Begin the next version of the own house's text (the platform's, for its operators). Raises Invalid per field.

    A house's form follows from what it is; `form` is the operator's to choose.
    """
    house = None if by.organisation.kind == Organisation.Kind.OPERATOR else by.organisation
    form = form if house is None else form_of(house.kind)
    LIFECYCLE.step("edit", Wording(state="draft", guarantor=house), by)
    if house is not None and house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有自己的保函文本。"))
    if kind not in KINDS or KINDS[kind].retired:
        raise Invalid(_("请选择可以申请的保函类型。"), fields={"kind": _("请选择可以申请的类型")})
    if form not in FORMS:
        raise Invalid(_("请选择出具机构。"), fields={"form": _("请选择")})
    _check_shape(text)
    same = Wording.objects.filter(guarantor=house, kind=kind, form=form)
    number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            wording = Wording.objects.create(
                guarantor=house, kind=kind, form=form, number=number, state="draft", paragraphs=list(text.paragraphs),
                documents=list(text.documents), authors=[by.user_id], created_at=at, changed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Invalid(
            _("这个类型已有一份没有启用的草稿。"), advice=_("请在那份草稿上修改，或先作废它。"),
            fields={"kind": _("已有草稿")},
        ) from error  # fmt: skip
    record("wording.drafted", wording, by=by, at=at, kind_code=kind, form=form, number=number)
    return wording


@transaction.atomic
def edit_wording(wording: Wording, text: Text, *, by: Member, at: datetime) -> Wording:
    """Rewrite a draft; what was checked before must be checked again."""
    wording = Wording.objects.locked(wording)
    step = LIFECYCLE.step("edit", wording, by)
    _check_shape(text)
    wording.change(
        step, paragraphs=list(text.paragraphs), documents=list(text.documents), remarks=[], accepted=[], answer="",
        authors=sorted({*wording.authors, by.user_id}), changed_at=at,
    )  # fmt: skip
    record("wording.edited", wording, by=by, at=at, kind_code=wording.kind, number=wording.number)
    return wording


@transaction.atomic
def check_wording(
    wording: Wording, *, accepted: Collection[str] = (), answer: str = "", by: Member, at: datetime
) -> Wording:
    """Put the draft through the linter. Errors refuse it (TextFaulty); every warning wants `accepted` and an answer."""
    wording = Wording.objects.locked(wording)
    step = LIFECYCLE.step("check_wording", wording, by)
    remarks = remarks_on(wording, local_day(at))
    must_be_faultless(remarks)
    open_rules = {remark.rule for remark in warnings(remarks)}
    if unanswered := sorted(open_rules - set(accepted)):
        raise Invalid(
            _("还有 %(n)d 条提示没有逐条确认。") % {"n": len(unanswered)}, advice=_("修改文本，或逐条勾选并写明理由。"),
            fields={"accepted": _("请逐条确认")},
        )  # fmt: skip
    if open_rules and len(answer.strip()) < 4:
        raise Invalid(_("请写明保留这些内容的理由，例如法律意见编号。"), fields={"answer": _("至少 4 个字")})
    wording.change(
        step, remarks=[asdict(remark) for remark in remarks], accepted=sorted(open_rules),
        answer=answer.strip()[:500] if open_rules else "", authors=sorted({*wording.authors, by.user_id}),
        changed_at=at,
    )  # fmt: skip
    record(
        "wording.checked", wording, by=by, at=at, kind_code=wording.kind, number=wording.number,
        accepted=sorted(open_rules), answer=wording.answer,
    )  # fmt: skip
    return wording


@transaction.atomic
def activate_wording(wording: Wording, *, by: Member, at: datetime) -> Wording:
    """Let new letters be filled from this version. Whoever wrote or checked it cannot activate it (四眼)."""
    wording = Wording.objects.locked(wording)
    step = LIFECYCLE.step("activate_wording", wording, by)
    if by.user_id in wording.authors:
        raise NotPermitted(_("您写过或检查过这个版本，须由另一人启用。"))
    remarks = remarks_on(wording, local_day(at))  # the type may have a new version since
    must_be_faultless(remarks)
    if {remark.rule for remark in warnings(remarks)} - set(wording.accepted):
        raise TextFaulty(_("类型改过以后有新的提示，请退回修改并重新检查。"), advice=_("现行文本没有变。"))
    former = Wording.objects.select_for_update().filter(
        guarantor=wording.guarantor_id, kind=wording.kind, form=wording.form, state="active"
    )
    for version in former:
        version.change(LIFECYCLE.step("supersede", version, SYSTEM), changed_at=at)
    wording.change(step, activated_at=at, activated_by=by.actor_key, changed_at=at)
    record("wording.activated", wording, by=by, at=at, kind_code=wording.kind, number=wording.number)
    return wording


@transaction.atomic
def discard_wording(wording: Wording, *, by: Member, at: datetime) -> Wording:
    """Give up a draft; what is in use stays."""
    wording = Wording.objects.locked(wording)
    step = LIFECYCLE.step("discard_wording", wording, by)
    wording.change(step, changed_at=at)
    record("wording.discarded", wording, by=by, at=at, kind_code=wording.kind, number=wording.number)
    return wording


@transaction.atomic
def retire_wording(wording: Wording, *, by: Member, at: datetime, reason: str) -> Wording:
    """Take the version out of use: new letters follow the platform's text again."""
    wording = Wording.objects.locked(wording)
    step = LIFECYCLE.step("retire_wording", wording, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明停用的原因。"), fields={"reason": _("至少 4 个字")})
    wording.change(step, changed_at=at)
    record("wording.retired", wording, by=by, at=at, kind_code=wording.kind, number=wording.number,
           reason=reason.strip()[:500])  # fmt: skip
    return wording


def remarks_on(wording: Wording, on: date) -> list[Remark]:
    """Return what the linter says of a version, filled with the sample of its type as it stands now."""
    return lint(wording.text, sample_terms(KINDS[wording.kind], wording.form, on))


def must_be_faultless(remarks: list[Remark]) -> None:
    """Raise TextFaulty naming every error."""
    if wrong := errors(remarks):
        raise TextFaulty(
            " ".join(f"{remark.place}：{remark.message}" for remark in wrong)[:1500],
            advice=_("按“怎么改”修改草稿后再检查，草稿没有变。"),
        )


def _check_shape(text: Text) -> None:
    problems = {}
    for name, parts in (("paragraphs", text.paragraphs), ("documents", text.documents)):
        if len(parts) > PARAGRAPHS or any(len(part) > LONGEST for part in parts):
            problems[name] = _("最多 %(n)d 段，每段最多 %(long)d 个字。") % {"n": PARAGRAPHS, "long": LONGEST}
        elif any("\x00" in part for part in parts):
            problems[name] = _("含有不能保存的字符。")
    if not text.paragraphs:
        problems["paragraphs"] = _("请填写正文。")
    if problems:
        raise Invalid(_("文本没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
