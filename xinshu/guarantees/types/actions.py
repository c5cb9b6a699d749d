"""What can be done with a type: drafted, edited, tried, activated by a second person, discarded, retired."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.documents.letters import TemplateFault, render
from xinshu.documents.models import TemplateVersion
from xinshu.documents.templates import active_version
from xinshu.guarantees.kinds import KINDS, Kind
from xinshu.guarantees.letters.texts import places_of
from xinshu.guarantees.types.definition import as_json, check
from xinshu.guarantees.types.lifecycle import LIFECYCLE
from xinshu.guarantees.types.models import TypeVersion
from xinshu.guarantees.types.reading import look_again
from xinshu.guarantees.types.sample import FORMS, report_on, values_of
from xinshu.guarantees.wordings.reading import unfitting
from xinshu.ledger.recording import record


class TrialFailed(Refusal):
    """A guarantee of this type could not be issued as it is written."""

    title = "试用没有通过"


@transaction.atomic
def draft_type(kind: Kind, *, by: Member, at: datetime) -> TypeVersion:
    """Begin a new type, or the next version of one that there is. Raises Invalid per field."""
    LIFECYCLE.step("edit", TypeVersion(state="draft"), by)
    check(kind, KINDS)
    last = TypeVersion.objects.filter(code=kind.code).aggregate(last=Max("number"))["last"] or 0
    present = KINDS[kind.code].number if kind.code in KINDS else 0
    try:
        with transaction.atomic():
            version = TypeVersion.objects.create(
                state="draft", code=kind.code, number=max(last, present) + 1, definition=as_json(kind),
                authors=[by.user_id], created_at=at, changed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Invalid(
            _("这个类型已有一份没有启用的草稿。"), advice=_("请在那份草稿上修改，或先作废它。"),
            fields={"code": _("已有草稿")},
        ) from error  # fmt: skip
    record("type.drafted", version, by=by, at=at, code=kind.code, number=version.number, label=str(kind.label))
    return version


@transaction.atomic
def edit_type(version: TypeVersion, kind: Kind, *, by: Member, at: datetime) -> TypeVersion:
    """Rewrite a draft; what was tried before must be tried again."""
    version = TypeVersion.objects.locked(version)
    step = LIFECYCLE.step("edit", version, by)
    if kind.code != version.code:
        raise Invalid(_("草稿的代码不能改。"), fields={"code": _("起草后不能改")})
    check(kind, KINDS)
    authors = sorted({*version.authors, by.user_id})
    version.change(step, definition=as_json(kind), authors=authors, report=[], changed_at=at)
    record("type.edited", version, by=by, at=at, code=kind.code, number=version.number, label=str(kind.label))
    return version


@transaction.atomic
def try_type(version: TypeVersion, *, by: Member, at: datetime) -> TypeVersion:
    """Try the draft on a sample. Raises TrialFailed where a guarantee of this type could not come about."""
    version = TypeVersion.objects.locked(version)
    step = LIFECYCLE.step("try", version, by)
    report = _trial(version, at)
    version.change(step, report=report, changed_at=at)
    record("type.tried", version, by=by, at=at, code=version.code, number=version.number, checks=len(report))
    return version


@transaction.atomic
def activate_type(version: TypeVersion, *, by: Member, at: datetime) -> TypeVersion:
    """Let new applications be made under this version. Whoever wrote it cannot activate it (四眼)."""
    version = TypeVersion.objects.locked(version)
    step = LIFECYCLE.step("activate", version, by)
    if by.user_id in version.authors:
        raise NotPermitted(_("您写过这个版本，须由另一位平台运营人员启用。"))
    check(version.kind, KINDS)  # another type may have taken its name or prefix since
    _trial(version, at)
    _must_fit_wordings(version)
    for former in TypeVersion.objects.select_for_update().filter(code=version.code, state__in=["active", "retired"]):
        row = LIFECYCLE.step("supersede", former, SYSTEM)
        if row.target != former.state:
            former.change(row, changed_at=at)
    version.change(step, activated_at=at, activated_by=by.actor_key, changed_at=at)
    record(
        "type.activated", version, by=by, at=at, code=version.code, number=version.number,
        label=version.definition["label"],
    )  # fmt: skip
    look_again()
    return version


def _must_fit_wordings(version: TypeVersion) -> None:
    """Raise TrialFailed where a house's text names a field that this version has no more: its letters would stop."""
    if broken := unfitting(version.code, set(places_of(version.kind))):
        names = "、".join(str(wording.guarantor or _("平台")) for wording in broken)
        raise TrialFailed(
            _("这些机构的保函文本用了这个版本没有的字段：%(names)s。") % {"names": names},
            advice=_("保留这些字段，或请他们先改文本。"),
        )


@transaction.atomic
def discard_type(version: TypeVersion, *, by: Member, at: datetime) -> TypeVersion:
    """Give up a draft."""
    version = TypeVersion.objects.locked(version)
    step = LIFECYCLE.step("discard", version, by)
    version.change(step, changed_at=at)
    record("type.discarded", version, by=by, at=at, code=version.code, number=version.number)
    return version


@transaction.atomic
def retire_type(version: TypeVersion, *, by: Member, at: datetime, reason: str) -> TypeVersion:
    """Take no more applications of this type. What is issued stays what it is."""
    version = TypeVersion.objects.locked(version)
    step = LIFECYCLE.step("retire", version, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明停办的原因。"), fields={"reason": _("至少 4 个字")})
    version.change(step, changed_at=at)
    record("type.retired", version, by=by, at=at, code=version.code, number=version.number, reason=reason.strip()[:500])
    look_again()
    return version


def letter_of(kind: Kind, form: str, at: datetime) -> bytes:
    """Return the sample letter as a PDF. Raises TemplateFault when the template cannot set it."""
    return render(_template_of(kind, form, at), values_of(kind, form, local_day(at)))


def _template_of(kind: Kind, form: str, at: datetime) -> TemplateVersion:
    own = TemplateVersion.objects.filter(
        template__kind__in=(kind.code, f"{kind.code}_{form}"), template__guarantor=None, state="active"
    )
    return own.select_related("template").first() or active_version(f"{kind.template}_{form}", None, at=at)


def _trial(version: TypeVersion, at: datetime) -> list[dict[str, object]]:
    kind = version.kind
    report = report_on(kind, at)
    for form, (_issuer, _nature, label) in FORMS.items():
        try:
            size = len(letter_of(kind, form, at))
        except TemplateFault as error:
            report.append(
                {"label": str(label), "message": _("函件排不出来：%(why)s") % {"why": error}, "passed": False}
            )
        else:
            told = _("函件排版成功，%(size)d KB。") % {"size": size // 1024}
            report.append({"label": str(label), "message": told, "passed": True})
    if failed := [row for row in report if not row["passed"]]:
        raise TrialFailed(
            " ".join(f"{row['label']}：{row['message']}" for row in failed), advice=_("修改草稿后再试用。")
        )
    return report
