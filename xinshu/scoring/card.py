"""The model card as PDF: what the version page says, fixed to the moment of training."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.clock import CHINA, local_day
from xinshu.documents.letters.rendering import typeset
from xinshu.scoring import queries
from xinshu.scoring.lifecycle import VERSION
from xinshu.scoring.models import FORMS, ModelVersion

TEMPLATE = Path(__file__).with_name("card.typ")


def card_pdf(version: ModelVersion) -> bytes:
    """Return the card of a trained version. Equal state, equal bytes."""
    assert version.trained_at is not None
    figures, table = version.figures, version.data_set
    cross: dict[str, Any] = figures["cross"]
    period = " — ".join(figures["period"]) if figures["period"] else _("数据没有时间列")
    facts = [
        [_("模型"), f"{version.model.name} V{version.number}"],
        [_("机构"), version.model.owner.name],
        [_("形式"), dict(FORMS)[version.form]],
        [_("用途"), version.model.get_purpose_display()],
        [_("状态"), VERSION.states[version.state].label],
        [_("训练数据"), f"{table.name}（{table.get_origin_display()}）"],
        [_("数据说明"), table.note or "—"],
        [_("数据期间"), period],
        [_("样本"), _("%(rows)s 行，其中违约 %(bad)s 行") % {"rows": cross["rows"], "bad": cross["bad"]}],
        [_("特征"), _("%(n)s 列") % {"n": sum(one.role == "feature" for one in table.described)}],
        [_("训练"), f"{version.trained_at.astimezone(CHINA):%Y-%m-%d %H:%M}"],
        [_("开始训练"), version.begun_by],
        [_("申请升级"), version.proposed_by or "—"],
        [_("批准升级"), version.promoted_by or "—"],
        [_("数据 SM3"), version.data_sm3],
        [_("模型 SM3"), version.model_sm3],
        [_("代码版本与随机种子"), f"{version.code} / {version.seed}"],
    ]
    values = {
        "title": _("模型卡"),
        "facts": facts,
        "heads": [_("指标"), _("怎么读"), _("值")],
        "measures": [[one.name, one.reading, one.values[0]] for one in queries.measures([version])],
        "calibration_title": _("校准：说的概率与实际比例（交叉验证，按概率分十组）"),
        "calibration_heads": [_("组"), _("行数"), _("平均说的概率"), _("实际违约比例")],
        "calibration": [
            [str(place), str(row["rows"]), f"{row['said']:.4f}", f"{row['came']:.4f}"]
            for place, row in enumerate(cross["table"], 1)
        ],
        "limits_title": _("适用范围与禁止用途"),
        "limits": queries.limits(),
        "foot": _("%(name)s · 信枢 · %(day)s 生成的指标")
        % {"name": version.model.owner.name, "day": local_day(version.trained_at).isoformat()},
    }
    return typeset(TEMPLATE.read_text("utf-8"), values, version.promoted_at or version.trained_at)
