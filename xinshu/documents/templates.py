"""Letter templates: drafted, checked, activated; the platform's own as a start, a guarantor's in their place."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.composed import composed
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.letters import TemplateFault, render
from xinshu.documents.letters.values import PLACEHOLDERS, REQUIRED
from xinshu.documents.lifecycle import LIFECYCLE
from xinshu.documents.models import LetterTemplate, TemplateVersion
from xinshu.ledger.recording import record

DEFAULTS = {
    "bid_independent": "投标保函（独立保函）",
    "bid_accessory": "投标保函（连带责任保证）",
    "bid_insurance": "投标保证保险凭证",
    "performance_independent": "履约保函（独立保函）",
    "performance_accessory": "履约保函（连带责任保证）",
    "performance_insurance": "履约保证保险凭证",
    "general_independent": "通用保函（独立保函）",
    "general_accessory": "通用保函（连带责任保证）",
    "general_insurance": "通用保证保险凭证",
    "amendment": "保函修改函",
}
_RELEASED = datetime(
    2026, 11, 1, tzinfo=UTC
)  # of the templates that come with the platform, when nobody says another day
_LETTERS = Path(__file__).parent / "letters"
# What an issuer of this kind promises (domain.md 3.1): only a bank's letter stands apart from the deal beneath it.
_FORMS = {Organisation.Kind.BANK: "independent", Organisation.Kind.INSURER: "insurance"}
_USED = re.compile(r"(?<![\w.-])data\.(?:at\(\s*\"([^\"]*)\"|([A-Za-z_][\w-]*))")
_METHODS = {"keys", "values", "pairs", "len", "at"}
_REACHES_OUT = re.compile(r"(?<![\w.-])(?:import|include|read|plugin|eval)\b\s*[\"(]")


def check_placeholders(source: str, allowed: Collection[str], required: Collection[str] = ()) -> list[str]:
    """Return the placeholders that a template uses (as `data.NAME`), sorted.

    Raises Invalid naming every unknown one, every one of `required` that it lacks, and attempts to reach other files.
    """
    used = {quoted or plain for quoted, plain in _USED.findall(source)} - _METHODS
    problems = []
    if unknown := sorted(used - set(allowed)):
        problems.append(_("模板用了没有的占位项：%(names)s。") % {"names": "、".join(unknown)})
    if missing := sorted(set(required) - used):
        labels = "、".join(
            f"{name}（{PLACEHOLDERS[name].label}）" if name in PLACEHOLDERS else name for name in missing
        )
        problems.append(_("模板缺少必需的占位项：%(names)s。") % {"names": labels})
    if _REACHES_OUT.search(source):
        problems.append(_("模板不能引用其他文件或程序包。"))
    if problems:
        raise Invalid("".join(problems), advice=_("修改后再保存，草稿没有改动。"), fields={"source": "".join(problems)})
    return sorted(used)


@transaction.atomic
def draft_version(
    kind: str, guarantor: Organisation | None, name: str, source: str, *, by: Actor, at: datetime
) -> TemplateVersion:
    """Begin the next version of a template, and the template itself if this is the first. Raises Invalid."""
    _permit("edit", guarantor, by)
    used = check_placeholders(source, PLACEHOLDERS, REQUIRED)
    template, _new = LetterTemplate.objects.get_or_create(kind=kind, guarantor=guarantor, defaults={"name": name})
    template = LetterTemplate.objects.select_for_update().get(pk=template.pk)
    last = template.versions.order_by("-number").first()
    version = TemplateVersion.objects.create(
        template=template, number=last.number + 1 if last else 1, source=source, placeholders=used
    )
    record("template.drafted", version, by=by, at=at, template=kind, number=version.number)
    return version


@transaction.atomic
def edit_draft(version: TemplateVersion, source: str, *, by: Actor, at: datetime) -> TemplateVersion:
    """Rewrite a draft. Raises NotNow for a version that was ever active, Invalid for placeholders that do not exist."""
    version = _locked(version)
    _step("edit", version, by)
    version.placeholders = check_placeholders(source, PLACEHOLDERS, REQUIRED)
    version.source = source
    version.save(update_fields=["source", "placeholders"])
    record("template.edited", version, by=by, at=at, template=version.template.kind, number=version.number)
    return version


@transaction.atomic
def activate(version: TemplateVersion, *, by: Actor, at: datetime) -> TemplateVersion:
    """Let new letters be made with this version; the one before it retires, letters already made keep theirs.

    Raises Invalid when a sample letter cannot be made with it.
    """
    version = _locked(version)
    target = _step("activate", version, by)
    check_placeholders(version.source, PLACEHOLDERS, REQUIRED)
    try:
        _set_sample(version.source)
    except TemplateFault as error:
        message = _("用这个版本排不出样函：%(fault)s") % {"fault": str(error)[:400]}
        raise Invalid(message, advice=_("修改模板后再启用，草稿没有改动。"), fields={"source": message}) from error
    version.template.versions.filter(state="active").update(state="retired", retired_at=at)
    version.state, version.activated_at, version.activated_by = target, at, by.actor_key
    version.save(update_fields=["state", "activated_at", "activated_by"])
    record("template.activated", version, by=by, at=at, template=version.template.kind, number=version.number)
    return version


@lru_cache(maxsize=64)
def _set_sample(source: str) -> None:
    """Set a letter with the sample's values. Equal source, equal letter: once in a process. Raises TemplateFault."""
    render(TemplateVersion(source=source), SAMPLE)


@composed
def _own_version(guarantor: int, kind: str, form: str) -> QuerySet[TemplateVersion]:
    return _active(kind, form).filter(template__guarantor=guarantor)[:1]


@composed
def _our_version(kind: str, form: str) -> QuerySet[TemplateVersion]:
    return _active(kind, form).filter(template__guarantor=None)[:1]


def _active(kind: str, form: str) -> QuerySet[TemplateVersion]:
    found = TemplateVersion.objects.select_related("template")
    return found.filter(template__kind__in=[kind, form], state="active").order_by("template__kind")


def active_version(
    kind: str, guarantor: Organisation | None = None, *, instead: str = "", at: datetime | None = None
) -> TemplateVersion:
    """Return the version that a new letter is made with: the guarantor's own, else the platform's, else of `instead`.

    `kind` is a template's ("bid_independent") or a guarantee's ("bid"); of the latter the guarantor's kind decides the
    form: bank independent, insurer insurance, everybody else accessory. Raises Unknown when there is no such template.
    """
    form = _FORMS.get(Organisation.Kind(guarantor.kind), "accessory") if guarantor else "accessory"
    names = (kind, f"{kind}_{form}")
    version = _own_version.first(guarantor.pk, *names) if guarantor else None
    if version := version or _our_version.first(*names):
        return version
    for name in names:
        if name in DEFAULTS:
            return _install(name, at or _RELEASED)
    if instead and instead != kind:
        return active_version(instead, guarantor, at=at)
    raise Unknown(_("没有“%(kind)s”的函件模板。") % {"kind": kind}, advice=_("请平台运营人员先建立并启用模板。"))


def install_defaults(*, at: datetime) -> list[TemplateVersion]:
    """Bring the platform's templates up to what this release ships; return the versions that became active by it."""
    return [
        _install(kind, at)
        for kind in DEFAULTS
        if not TemplateVersion.objects.filter(
            template__kind=kind, template__guarantor=None, state="active", source=default_source(kind)
        ).exists()
    ]


@cache
def default_source(kind: str) -> str:
    """Return the text of a template that comes with the platform: the shared layout, then the letter's own lines."""
    return (_LETTERS / "layout.typ").read_text("utf-8") + "\n" + (_LETTERS / f"{kind}.typ").read_text("utf-8")


@transaction.atomic
def _install(kind: str, at: datetime) -> TemplateVersion:
    template, _new = LetterTemplate.objects.get_or_create(kind=kind, guarantor=None, defaults={"name": DEFAULTS[kind]})
    template = LetterTemplate.objects.select_for_update().get(pk=template.pk)
    source = default_source(kind)
    if ready := template.versions.filter(state="active", source=source).first():  # somebody was faster
        return ready
    version = draft_version(kind, None, DEFAULTS[kind], source, by=SYSTEM, at=at)
    return activate(version, by=SYSTEM, at=at)


def _locked(version: TemplateVersion) -> TemplateVersion:
    LetterTemplate.objects.select_for_update().get(pk=version.template_id)
    return TemplateVersion.objects.select_related("template").get(pk=version.pk)


class _Owned:
    """A version as the lifecycle sees it: its owner is the guarantor whose template it is."""

    def __init__(self, state: str, guarantor: Organisation | None) -> None:
        self.state, self._guarantor = state, guarantor

    def sides_of(self, by: Actor) -> set[str]:
        mine = self._guarantor is not None and getattr(by, "organisation_id", None) == self._guarantor.pk
        return {"owner"} if mine else set()


def _permit(action: str, guarantor: Organisation | None, by: Actor) -> None:
    LIFECYCLE.step(action, _Owned("draft", guarantor), by)


def _step(action: str, version: TemplateVersion, by: Actor) -> str:
    return LIFECYCLE.step(action, _Owned(version.state, version.template.guarantor), by).target


SAMPLE = {
    "title": "履约保函",
    "number": "YZLY2026-SAMPLE",
    "guarantor": "云州融信融资担保有限公司",
    "applicant": "云州恒达路桥工程有限公司",
    "beneficiary": "云州临港新区建设管理中心",
    "project": "临港新区海棠大道一期市政工程",
    "project_number": "YZLG-SZ-2026-0418",
    "amount": "4,862,000.00",
    "amount_in_words": "人民币肆佰捌拾陆万贰仟元整",
    "effective_on": "2026-03-18",
    "expires_on": "2027-03-17",
    "issued_on": "2026-03-18",
    "nature": "连带责任保证",
    "clauses": ["鉴于申请人履行上述项目的合同，我方应申请人的请求出具本保函。"],
    "documents": ["书面索赔通知。"],
    "draft": True,
    "verify_code": "000000",
    "verify_url": "https://verify.xinshu.example/verify/YZLY2026-SAMPLE/?code=000000",
}
