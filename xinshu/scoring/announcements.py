"""Who hears of a model: training done or failed, a promotion that waits, a new champion, drift. Once each."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL
from xinshu.scoring.lifecycle import PROMOTE, TRAIN
from xinshu.scoring.models import ModelVersion

ANNOUNCED = (
    Announcement("scoring.trained", "house", TRAIN, "ok", "", NORMAL,
                 _("“%(name)s”V%(number)s 训练完成，成为挑战者，请看与冠军的比较。")),
    Announcement("scoring.training_failed", "house", TRAIN, "danger", "M", NORMAL,
                 _("“%(name)s”V%(number)s 训练失败：%(why)s")),
    Announcement("scoring.proposed", "house", PROMOTE, "warn", "M", HIGH,
                 _("“%(name)s”V%(number)s 申请升为冠军，请看过比较后批准或不同意。")),
    Announcement("scoring.promoted", "house", TRAIN, "ok", "", NORMAL,
                 _("“%(name)s”V%(number)s 已升为冠军，新业务用它评分。")),
    Announcement("scoring.drifted", "house", TRAIN, "danger", "M", HIGH,
                 _("“%(name)s”V%(number)s 漂移超过界限：%(columns)s。请看漂移页，考虑重新训练。")),
)  # fmt: skip
KINDS = tuple(row.kind for row in ANNOUNCED)
declare(
    ANNOUNCED,
    {"name": "保函违约模型", "number": "3", "why": "“是否违约”里没有取值“1”。", "columns": "资产负债率"},
    {"house": _("本机构")},
    _("模型"),
)


def announce(entry: Entry) -> None:
    """Tell the house."""
    version = ModelVersion.objects.select_related("model__owner").get(pk=entry.subject_id)
    told = {
        "name": str(entry.data["name"]), "number": str(entry.data["number"]), "why": str(entry.data.get("why", "")),
        "columns": "、".join(entry.data.get("columns", [])[:5]),
    }  # fmt: skip
    for row in ANNOUNCED:
        if row.kind == entry.kind:
            row.send(
                version.model.owner, told, link=reverse("scoring:version", args=[version.reference]), subject=version,
                key=f"{entry.kind}:{entry.pk}", at=entry.at, sealed_until=None,
            )  # fmt: skip
