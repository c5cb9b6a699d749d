"""Models and their versions: a round is begun, trained by the worker, compared, proposed, promoted by a second."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import file_of
from xinshu.ledger.recording import record
from xinshu.scoring.actions.data import must_be_house
from xinshu.scoring.learning.kinds import BOOSTING, SCORECARD
from xinshu.scoring.lifecycle import MODEL, VERSION
from xinshu.scoring.models import PURPOSES, DataSet, ModelVersion, RiskModel


@transaction.atomic
def make_model(name: str, purpose: str, *, by: Member, at: datetime) -> RiskModel:
    """Begin a model of the own house; what it is, its versions will say. Raises Invalid per field."""
    model = RiskModel(
        state="on", owner=by.organisation, name=name.strip(), purpose=purpose, created_at=at, changed_at=at
    )
    MODEL.step("train", model, by)
    must_be_house(by)
    problems = {}
    if not 2 <= len(model.name) <= 60:
        problems["name"] = _("填 2 到 60 个字")
    if purpose not in dict(PURPOSES):
        problems["purpose"] = _("请选择")
    same = RiskModel.objects.filter(owner=model.owner)
    if same.filter(name=model.name).exists():
        problems["name"] = _("本机构已有同名的模型")
    if same.filter(purpose="guarantee", state="on").exists() and purpose == "guarantee":
        problems["purpose"] = _("保函承保已有一个启用的模型，请先停用它")
    if problems:
        raise Invalid(_("模型没有新建，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    try:
        with transaction.atomic():
            model.save()
    except IntegrityError:
        raise Invalid(_("模型没有新建。"), fields={"name": _("刚刚有人建了同样的模型")}) from None
    record("scoring.model_made", model, by=by, at=at, name=model.name, purpose=purpose)
    return model


@transaction.atomic
def begin_training(
    model: RiskModel, data_set: DataSet, *, by: Actor, at: datetime, not_before: datetime | None = None, seed: int = 0,
    forms: tuple[str, ...] = (BOOSTING, SCORECARD),
) -> list[ModelVersion]:  # fmt: skip
    """Begin a round: one version per form, trained by the worker, from `not_before` on. Raises NotNow, NotPermitted."""
    model = RiskModel.objects.locked(model)
    if by is not SYSTEM:
        MODEL.step("train", model, by)
    if model.state != "on":
        raise NotNow(_("模型已停用，不训练。"), advice=_("请先启用。"))
    if data_set.owner_id != model.owner_id:
        raise NotPermitted(_("这份训练数据不属于本机构。"))
    if data_set.state != "ready" or data_set.file is None:
        raise NotNow(_("这份训练数据还没有确认，不能训练。"), advice=_("请先确认列字典。"))
    if model.versions.filter(state="training").exists():
        raise NotNow(_("上一轮还在训练。"), advice=_("完成后再开始下一轮。"))
    last = model.versions.aggregate(number=Max("number"), round=Max("round"))
    hands = [by.user_id] if isinstance(by, Member) else []
    versions = []
    for place, form in enumerate(forms, 1):
        version = ModelVersion.objects.create(
            state="training", model=model, data_set=data_set, number=(last["number"] or 0) + place,
            round=(last["round"] or 0) + 1, form=form, seed=seed, data_sm3=data_set.file.blob.sm3,
            not_before=not_before, hands=hands, begun_by=by.actor_label[:60], begun_at=at,
        )  # fmt: skip
        record("scoring.training_begun", version, by=by, at=at, name=model.name, number=version.number, form=form)
        versions.append(version)
    model.change(changed_at=at)
    return versions


@transaction.atomic
def note_progress(version: ModelVersion, progress: dict[str, Any]) -> ModelVersion:
    """Keep how far the training came; a worker that comes after a crash goes on from there."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("learn", version, SYSTEM)
    return version.change(step, progress=progress)


@transaction.atomic
def finish_training(
    version: ModelVersion, content: bytes, sm3: str, figures: dict[str, Any], parameters: dict[str, Any], code: int,
    *, at: datetime,
) -> ModelVersion:  # fmt: skip
    """Keep the trained model; it is a challenger. Challengers of former rounds that nobody proposed retire."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("finish", version, SYSTEM)
    name = f"{version.model.name} V{version.number}.json"
    file = file_of(
        content, name, "application/json", version.model.owner, SYSTEM, at, subject=version, sealed_until=None
    )
    version.change(
        step, file=file, model_sm3=sm3, figures=figures, parameters=parameters, code=code, trained_at=at, progress={}
    )
    former = ModelVersion.objects.filter(model=version.model_id, state="challenger", round__lt=version.round)
    for old in former.select_for_update():
        step_down = VERSION.step("replace", old, SYSTEM)
        old.change(step_down, ended_at=at, why=_("第 %(n)s 轮训练后有新的挑战者") % {"n": version.round})
        record("scoring.retired", old, by=SYSTEM, at=at, name=version.model.name, number=old.number, reason=old.why)
    record("scoring.trained", version, by=SYSTEM, at=at, name=version.model.name, number=version.number, sm3=sm3)
    return version


@transaction.atomic
def fail_training(version: ModelVersion, why: str, *, at: datetime) -> ModelVersion:
    """Say in words why nothing came of it. What was there before stays."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("fail", version, SYSTEM)
    version.change(step, why=why[:500], ended_at=at, progress={})
    record("scoring.training_failed", version, by=SYSTEM, at=at, name=version.model.name, number=version.number,
           why=why[:500])  # fmt: skip
    return version


@transaction.atomic
def propose_version(version: ModelVersion, *, by: Member, at: datetime) -> ModelVersion:
    """Ask that a challenger become champion: another person decides."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("propose", version, by)
    if version.model.versions.filter(state="proposed").exists():
        raise NotNow(_("已有一个版本在等批准。"), advice=_("请先处理那一个。"))
    hands = sorted({*version.hands, by.user_id})
    version.change(step, hands=hands, proposed_by=by.actor_label[:60])
    record("scoring.proposed", version, by=by, at=at, name=version.model.name, number=version.number)
    return version


@transaction.atomic
def promote_version(version: ModelVersion, *, by: Member, at: datetime) -> ModelVersion:
    """Make a proposed version the champion, by somebody who neither began nor proposed it."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("promote", version, by)
    if by.user_id in version.hands:
        raise NotPermitted(_("您开始过这次训练或申请过升级，须由另一人批准。"))
    RiskModel.objects.select_for_update(no_key=True).get(pk=version.model_id)
    for old in ModelVersion.objects.filter(model=version.model_id, state="champion").select_for_update():
        told = {"n": version.number}
        old.change(VERSION.step("replace", old, by), ended_at=at, why=_("由 V%(n)s 接替") % told)
        record("scoring.retired", old, by=by, at=at, name=version.model.name, number=old.number, reason=old.why)
    version.change(step, promoted_by=by.actor_label[:60], promoted_at=at)
    record("scoring.promoted", version, by=by, at=at, name=version.model.name, number=version.number,
           sm3=version.model_sm3)  # fmt: skip
    return version


@transaction.atomic
def decline_version(version: ModelVersion, *, reason: str, by: Member, at: datetime) -> ModelVersion:
    """Leave the champion as it is; the version stays a challenger."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("decline", version, by)
    version.change(step, why=reason[:500])
    record("scoring.declined", version, by=by, at=at, name=version.model.name, number=version.number, reason=reason)
    return version


@transaction.atomic
def retire_version(version: ModelVersion, *, reason: str, by: Member, at: datetime) -> ModelVersion:
    """Take a champion or challenger out of use. After a champion only rules speak, until there is another."""
    version = ModelVersion.objects.locked(version)
    step = VERSION.step("retire", version, by)
    version.change(step, ended_at=at, why=reason[:500])
    record("scoring.retired", version, by=by, at=at, name=version.model.name, number=version.number, reason=reason)
    return version


@transaction.atomic
def switch_off(model: RiskModel, *, reason: str, by: Member, at: datetime) -> RiskModel:
    """Stop scoring and retraining with a model; what it said stays."""
    model = RiskModel.objects.locked(model)
    model.change(MODEL.step("switch_off", model, by), changed_at=at)
    record("scoring.switched_off", model, by=by, at=at, name=model.name, reason=reason)
    return model


@transaction.atomic
def switch_on(model: RiskModel, *, by: Member, at: datetime) -> RiskModel:
    """Use a model again. Raises NotNow where another one serves the same purpose."""
    model = RiskModel.objects.locked(model)
    step = MODEL.step("switch_on", model, by)
    others = RiskModel.objects.filter(owner=model.owner_id, purpose="guarantee", state="on").exclude(pk=model.pk)
    if model.purpose == "guarantee" and others.exists():
        raise NotNow(_("保函承保已有一个启用的模型。"), advice=_("请先停用它。"))
    model.change(step, changed_at=at)
    record("scoring.switched_on", model, by=by, at=at, name=model.name)
    return model
