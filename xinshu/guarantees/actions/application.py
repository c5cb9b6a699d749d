"""Applying: a draft is started, filled, submitted, corrected, withdrawn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import void_reservation
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.core.statements import insert
from xinshu.documents.models import File
from xinshu.documents.uploads import keep_again
from xinshu.guarantees.actions.approval import review_examined
from xinshu.guarantees.actions.reductions import check_schedule
from xinshu.guarantees.applying.requests import answer_request, must_be_answered
from xinshu.guarantees.applying.reuse import good_until, root_of, usable
from xinshu.guarantees.extras import read
from xinshu.guarantees.facts import examine
from xinshu.guarantees.gates import SUBMIT, must_pass
from xinshu.guarantees.history import remember
from xinshu.guarantees.judging.committee import end_approval
from xinshu.guarantees.judging.standing import must_take_on
from xinshu.guarantees.kinds import BASES, BUYER, CONTRACTOR, KINDS, LABOUR, Kind
from xinshu.guarantees.law.review import SUBMISSION, Finding, obstacles
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Attachment, Guarantee, Product
from xinshu.guarantees.products.fitting import product_for
from xinshu.guarantors.models import Terms
from xinshu.guarantors.standing import Business
from xinshu.projects.models import Party, Project


@transaction.atomic
def start_application(
    *,
    kind: str,
    project: Project,
    applicant: Organisation,
    guarantor: Organisation,
    by: Member,
    at: datetime,
    product: Product | None = None,
) -> Guarantee:
    """Open a draft for `applicant`, kept by itself or by the guarantor's manager on its behalf."""
    if not by.can("guarantees.apply") or by.organisation_id not in (applicant.pk, guarantor.pk):
        raise NotPermitted(_("您没有为这家企业申请保函的权限。"))
    offered(kind)
    if guarantor.kind not in Organisation.ISSUERS:
        raise Invalid(_("请选择担保公司、银行或保险公司作为保证人。"), fields={"guarantor": _("不能出具保函")})
    must_take_on(guarantor, Business(kind, project.region_code), local_day(at))
    told = told_by(project, kind)
    check_parties(applicant.pk, guarantor.pk, told["beneficiary_id"], project, KINDS[kind])
    guarantee = Guarantee(
        kind=kind,
        state="draft",
        applicant=applicant,
        guarantor=guarantor,
        project=project,
        product=product_for(kind, guarantor, local_day(at), product),
        on_behalf=by.organisation_id == guarantor.pk,
        manager=by if by.organisation_id == guarantor.pk else None,
        **told,
        created_at=at,
        changed_at=at,
    )
    insert(guarantee)
    remember("guarantee.drafted", guarantee, by=by, at=at, guarantee_kind=kind)
    return guarantee


def offered(kind: str) -> Kind:
    """Return the type. Raises Invalid for one that there is not, or that nobody can apply for any more."""
    if kind not in KINDS or KINDS[kind].retired:
        raise Invalid(_("这种保函已经停办，请选择其他类型。"), fields={"kind": _("已停办")})
    return KINDS[kind]


def check_parties(applicant_id: int, guarantor_id: int, beneficiary_id: int, project: Project, kind: Kind) -> None:
    """Raise Invalid unless three different organisations promise, are promised for, and are promised to."""
    if kind.applicant == BUYER and applicant_id != project.buyer_id:
        raise Invalid(
            _("%(kind)s由建设单位申请，申请人应是项目的建设单位。") % {"kind": kind.label},
            fields={"applicant": _("不是建设单位"), "kind": _("由建设单位申请")},
        )
    if kind.applicant != BUYER and applicant_id == project.buyer_id:
        raise Invalid(_("申请人不能同时是项目的招标人。"), fields={"applicant": _("与受益人相同")})
    if applicant_id == beneficiary_id:
        raise Invalid(_("申请人不能同时是受益人。"), fields={"applicant": _("与受益人相同")})
    if guarantor_id == applicant_id:
        raise Invalid(_("保证人不能为自己担保。"), fields={"guarantor": _("与申请人相同")})
    if guarantor_id == project.buyer_id:
        raise Invalid(_("保证人不能同时是项目的招标人。"), fields={"guarantor": _("与受益人相同")})
    if guarantor_id == beneficiary_id:
        raise Invalid(_("保证人不能同时是受益人。"), fields={"guarantor": _("与受益人相同")})


def base_of(kind: str, project: Project) -> tuple[int | None, str]:
    """Return the amount that the legal cap is counted from, and where it was read."""
    base = BASES[KINDS[kind].base]
    return getattr(project, base.amount), getattr(project, base.source)


def told_by(project: Project, kind: str) -> dict[str, Any]:
    """Return what a guarantee takes over from type and project as they stand: to whom it is promised, the cap's base.

    Raises Invalid while the project does not name the organisation to which this type promises.
    """
    base_amount, base_source = base_of(kind, project)
    return {
        "beneficiary_id": _beneficiary_of(project, KINDS[kind]),
        "base_amount": base_amount,
        "base_source": base_source,
        "kind_number": KINDS[kind].number,
    }


def _beneficiary_of(project: Project, kind: Kind) -> int:
    if kind.beneficiary == CONTRACTOR:
        winner = project.parties.filter(role=Party.Role.WINNER).first()
        if winner is None:
            raise Invalid(
                _("%(kind)s的受益人是承包人，项目还没有登记中标结果。") % {"kind": kind.label},
                advice=_("请先在项目里登记中标结果。"), fields={"project": _("还没有登记中标人")},
            )  # fmt: skip
        return winner.organisation_id
    if kind.beneficiary == LABOUR:
        if project.labour_department_id is None:
            raise Invalid(
                _("%(kind)s的受益人是人力资源社会保障部门，项目还没有登记。") % {"kind": kind.label},
                advice=_("请先在项目里填写人力资源社会保障部门。"), fields={"project": _("还没有登记人社部门")},
            )  # fmt: skip
        return project.labour_department_id
    return project.buyer_id


@transaction.atomic
def edit_application(
    guarantee: Guarantee, *, by: Member, at: datetime, amount: int, effective_on: date, expires_on: date,
    extras: Mapping[str, Any] | None = None,
) -> Guarantee:  # fmt: skip
    """Set what is asked for. Limits are judged at submission, so that half a form can be kept.

    `extras`: the type's own fields by name (extras.py); None leaves them as they are.
    """
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("edit", guarantee, by)
    if amount <= 0:
        raise Invalid(_("保函金额应大于零。"), fields={"amount": _("应大于零")})
    if expires_on < effective_on:
        raise Invalid(_("到期日不能早于生效日。"), fields={"expires_on": _("早于生效日")})
    changes: dict[str, Any] = {"amount": amount, "effective_on": effective_on, "expires_on": expires_on}
    if extras is not None:
        changes["extras"] = _read_extras(guarantee, extras)
    guarantee.change(step, at=at, **changes, **told_by(guarantee.project, guarantee.kind))
    remember(
        "guarantee.edited",
        guarantee,
        by=by,
        at=at,
        amount=amount,
        effective_on=effective_on.isoformat(),
        expires_on=expires_on.isoformat(),
    )
    return guarantee


def _read_extras(guarantee: Guarantee, extras: Mapping[str, Any]) -> dict[str, Any]:
    kept, wrong = read(KINDS[guarantee.kind].fields, extras)
    if wrong:
        raise Invalid(_("类型字段没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=wrong)
    return kept


@transaction.atomic
def attach_file(guarantee: Guarantee, file: File, title: str, *, by: Member, at: datetime) -> Guarantee:
    """Add a file to the application's material."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("edit", guarantee, by)
    attachment = Attachment.objects.create(guarantee=guarantee, file=file, title=title[:60])
    answer_request(guarantee, attachment)
    guarantee.change(step, at=at)
    remember("guarantee.file_attached", guarantee, by=by, at=at, title=title[:60], sm3=file.blob.sm3)
    return guarantee


@transaction.atomic
def reuse_file(guarantee: Guarantee, origin: Attachment, *, by: Member, at: datetime) -> Guarantee:
    """Attach a paper that was uploaded to another of the applicant's cases. Raises Invalid for one that is too old."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("edit", guarantee, by)
    origin = root_of(origin)
    if not usable(guarantee, by, at).filter(pk=origin.pk).exists():
        raise Invalid(_("这份材料不能用于这笔申请。"), advice=_("请从列出的材料中选择，或上传新的。"))
    if guarantee.attachments.filter(title=origin.title).exists():
        raise Invalid(_("这笔申请已有%(title)s，没有重复添加。") % {"title": origin.title})
    until = good_until(origin.title, origin.file.uploaded_at)
    if until is not None and until < local_day(at):
        raise Invalid(
            _("%(title)s已过有效期（%(day)s），不能沿用。") % {"title": origin.title, "day": until.isoformat()},
            advice=_("请上传最近的一份，其他材料都在。"),
        )
    file = keep_again(origin.file, by, at, subject=guarantee, sealed_until=guarantee.secret_until)
    attachment = Attachment.objects.create(guarantee=guarantee, file=file, title=origin.title, reused_from=origin)
    answer_request(guarantee, attachment)
    guarantee.change(step, at=at)
    remember("guarantee.file_reused", guarantee, by=by, at=at, title=origin.title, sm3=file.blob.sm3)
    return guarantee


@transaction.atomic
def submit_application(guarantee: Guarantee, *, by: Member, at: datetime) -> Guarantee:
    """Hand the application to the guarantor. What the law forbids is refused here, while it can still be mended."""
    return _hand_in(guarantee, by=by, at=at)[0]


@transaction.atomic
def submit_and_review(guarantee: Guarantee, *, by: Member, at: datetime) -> Guarantee:
    """Hand in and review by rule in one act, on one examination: nothing can come between the two."""
    guarantee, findings = _hand_in(guarantee, by=by, at=at)
    return review_examined(guarantee, findings, at)


def _hand_in(guarantee: Guarantee, *, by: Member, at: datetime) -> tuple[Guarantee, list[Finding]]:
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("submit", guarantee, by)
    must_pass(guarantee, SUBMIT, at)
    if guarantee.amount is None or guarantee.effective_on is None or guarantee.expires_on is None:
        raise Invalid(_("请先填写保函金额和担保期限。"), advice=_("已填写的内容都已保存。"))
    (guarantee.project,) = _project(guarantee.project_id)  # it may have been corrected since the last edit
    kind = offered(guarantee.kind)
    told = told_by(guarantee.project, guarantee.kind)
    check_parties(guarantee.applicant_id, guarantee.guarantor_id, told["beneficiary_id"], guarantee.project, kind)
    for name, value in told.items():
        setattr(guarantee, name, value)
    check_schedule(guarantee)
    must_be_answered(guarantee)
    findings = examine(guarantee, at)
    if stopping := obstacles(findings, SUBMISSION):
        raise Invalid(" ".join(finding.message for finding in stopping), advice=_("修改后可以重新提交，已填内容都在。"))
    terms = Terms.objects.active_for(guarantee.guarantor_id, guarantee.kind)  # accepted by submitting, kept for good
    guarantee.change(step, at=at, submitted_at=at, terms=terms, **told)
    accepted = {"terms": terms.reference} if terms is not None else {}
    remember("guarantee.submitted", guarantee, by=by, at=at, amount=guarantee.amount, **accepted)
    return guarantee, findings


@composed
def _project(pk: int) -> QuerySet[Project]:
    return Project.objects.filter(pk=pk)


@transaction.atomic
def withdraw_application(guarantee: Guarantee, *, by: Member, at: datetime, reason: str) -> Guarantee:
    """End the application at the applicant's wish; a reserved line is free again."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("withdraw", guarantee, by)
    if guarantee.payments.exclude(state="refused").exists():
        raise Invalid(_("保费正在支付或已到账，不能撤回。"), advice=_("需要退费的，请联系保证人。"))
    if guarantee.state == "fee_due":
        void_reservation(guarantee, at=at)
    end_approval(guarantee, reason=reason, by=by, at=at)
    guarantee.change(step, at=at, ended_at=at)
    remember("guarantee.withdrawn", guarantee, by=by, at=at, reason=reason)
    return guarantee
