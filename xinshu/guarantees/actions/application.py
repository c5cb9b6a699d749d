"""Applying: a draft is started, filled, submitted, corrected, withdrawn."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import void_reservation
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.models import File
from xinshu.guarantees.committee import end_approval
from xinshu.guarantees.facts import examine
from xinshu.guarantees.history import remember
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Attachment, Guarantee
from xinshu.guarantees.review import SUBMISSION, obstacles
from xinshu.projects.models import Project


@transaction.atomic
def start_application(
    *,
    kind: str,
    project: Project,
    applicant: Organisation,
    guarantor: Organisation,
    by: Member,
    at: datetime,
) -> Guarantee:
    """Open a draft for `applicant`, kept by itself or by the guarantor's manager on its behalf."""
    if not by.can("guarantees.apply") or by.organisation_id not in (applicant.pk, guarantor.pk):
        raise NotPermitted(_("您没有为这家企业申请保函的权限。"))
    if guarantor.kind not in Organisation.ISSUERS:
        raise Invalid(_("请选择担保公司、银行或保险公司作为保证人。"), fields={"guarantor": _("不能出具保函")})
    _check_parties(applicant.pk, guarantor.pk, project)
    guarantee = Guarantee.objects.create(
        kind=kind,
        state="draft",
        applicant=applicant,
        guarantor=guarantor,
        project=project,
        on_behalf=by.organisation_id == guarantor.pk,
        manager=by if by.organisation_id == guarantor.pk else None,
        **told_by(project, kind),
        created_at=at,
        changed_at=at,
    )
    remember("guarantee.drafted", guarantee, by=by, at=at, guarantee_kind=kind)
    return guarantee


def _check_parties(applicant_id: int, guarantor_id: int, project: Project) -> None:
    """Raise Invalid unless three different organisations promise, are promised for, and are promised to."""
    if applicant_id == project.buyer_id:
        raise Invalid(_("申请人不能同时是项目的招标人。"), fields={"applicant": _("与受益人相同")})
    if guarantor_id == applicant_id:
        raise Invalid(_("保证人不能为自己担保。"), fields={"guarantor": _("与申请人相同")})
    if guarantor_id == project.buyer_id:
        raise Invalid(_("保证人不能同时是项目的招标人。"), fields={"guarantor": _("与受益人相同")})


def base_of(kind: str, project: Project) -> tuple[int | None, str]:
    """Return the amount that the legal cap is counted from, and where it was read."""
    if KINDS[kind].base == "estimate":
        return project.estimate_amount, project.estimate_source
    return project.award_amount, project.award_source


def told_by(project: Project, kind: str) -> dict[str, Any]:
    """Return what a guarantee takes over from its project as it stands: to whom it is promised, and the cap's base."""
    base_amount, base_source = base_of(kind, project)
    return {"beneficiary_id": project.buyer_id, "base_amount": base_amount, "base_source": base_source}


@transaction.atomic
def edit_application(
    guarantee: Guarantee, *, by: Member, at: datetime, amount: int, effective_on: date, expires_on: date
) -> Guarantee:
    """Set what is asked for. Limits are judged at submission, so that half a form can be kept."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("edit", guarantee, by)
    if amount <= 0:
        raise Invalid(_("保函金额应大于零。"), fields={"amount": _("应大于零")})
    if expires_on < effective_on:
        raise Invalid(_("到期日不能早于生效日。"), fields={"expires_on": _("早于生效日")})
    changes = {"amount": amount, "effective_on": effective_on, "expires_on": expires_on}
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


@transaction.atomic
def attach_file(guarantee: Guarantee, file: File, title: str, *, by: Member, at: datetime) -> Guarantee:
    """Add a file to the application's material."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("edit", guarantee, by)
    Attachment.objects.create(guarantee=guarantee, file=file, title=title[:60])
    guarantee.change(step, at=at)
    remember("guarantee.file_attached", guarantee, by=by, at=at, title=title[:60], sm3=file.blob.sm3)
    return guarantee


@transaction.atomic
def submit_application(guarantee: Guarantee, *, by: Member, at: datetime) -> Guarantee:
    """Hand the application to the guarantor. What the law forbids is refused here, while it can still be mended."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("submit", guarantee, by)
    if guarantee.amount is None or guarantee.effective_on is None or guarantee.expires_on is None:
        raise Invalid(_("请先填写保函金额和担保期限。"), advice=_("已填写的内容都已保存。"))
    guarantee.project = Project.objects.get(pk=guarantee.project_id)  # it may have been corrected since the last edit
    _check_parties(guarantee.applicant_id, guarantee.guarantor_id, guarantee.project)
    told = told_by(guarantee.project, guarantee.kind)
    for name, value in told.items():
        setattr(guarantee, name, value)
    stopping = obstacles(examine(guarantee, at), SUBMISSION)
    if stopping:
        raise Invalid(" ".join(finding.message for finding in stopping), advice=_("修改后可以重新提交，已填内容都在。"))
    guarantee.change(step, at=at, submitted_at=at, **told)
    remember("guarantee.submitted", guarantee, by=by, at=at, amount=guarantee.amount)
    return guarantee


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
