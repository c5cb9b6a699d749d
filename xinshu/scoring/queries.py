"""What can be asked: a score in words, a version's figures side by side, drift by month. No library is loaded."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinshu.scoring.actions.scores import asked_from
from xinshu.scoring.facts import FACTS, fact_for
from xinshu.scoring.grading import TONES, Flag, RuleSaid, words_of
from xinshu.scoring.learning.drift import level_of
from xinshu.scoring.learning.kinds import Column
from xinshu.scoring.models import Drift, ModelVersion, RiskModel, Score

STRONG = 0.5  # log-odds: about half as likely again and more


@dataclass(frozen=True)
class ReasonShown:
    """A reason in words: what the value is and how it lies, whether it raises or lowers the risk."""

    label: str
    text: str
    raises: bool
    strong: bool


@dataclass(frozen=True)
class ScoreShown:
    """A score as pages show it."""

    score: Score
    grade: str
    tone: str
    probability: str
    steps: tuple[str, ...]
    reasons: tuple[ReasonShown, ...]
    missing: tuple[str, ...]
    flags: tuple[Flag, ...]
    rules: tuple[RuleSaid, ...]
    values: tuple[tuple[str, str, str], ...]  # label, value with unit ("" missing), from where
    points: int | None
    of: int  # how many columns the model asks for; 0 without a model

    @property
    def thin(self) -> bool:
        """Whether more than half of what the model asks for is missing."""
        return self.of > 0 and len(self.missing) * 2 > self.of

    @property
    def version(self) -> ModelVersion | None:
        return self.score.model_version


def number_words(text: str) -> str:
    """Return a number as people read it: at most two places, thousands apart."""
    value = float(text)
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _value_words(value: str | None, column: Column | None, unit: str) -> str:
    if value in (None, ""):
        return ""
    try:
        return f"{number_words(str(value))} {unit}".strip()
    except ValueError:
        return str(value)


def _reason(told: dict[str, Any]) -> ReasonShown:
    column = Column(told["name"], told["label"])
    fact = fact_for(column)
    adds = float(told["adds"])
    if told["missing"]:
        text = _("没有数据，按缺失处理，没有当作 0")
    else:
        text = _value_words(told["value"], column, str(fact.unit) if fact else "")
        if told["rank"]:
            share = round(float(told["rank"]) * 100)
            text += (
                _("，高于训练数据的 %(n)s%%") % {"n": share}
                if share >= 50
                else _("，低于训练数据的 %(n)s%%") % {"n": 100 - share}
            )
    return ReasonShown(told["label"], text, adds > 0, abs(adds) >= STRONG)


def shown_score(score: Score) -> ScoreShown:
    """Return a score in words, from what is kept of it."""
    told, asked = json.loads(score.result), asked_from(score.values)
    values = []
    places = {code: place for place, code in enumerate(FACTS)}
    for code, value in sorted(asked.known.items(), key=lambda item: places.get(item[0], len(places))):
        fact = FACTS.get(code)
        said = f"{value:.15g}" if isinstance(value, float) else value
        label, unit, source = (str(fact.label), str(fact.unit), str(fact.source)) if fact else (code, "", "")
        values.append((label, _value_words(said, None, unit), source))
    missing = told["missing"] if told["model"] else [label for label, value, _source in values if not value]
    return ScoreShown(
        score, score.grade, TONES[score.grade],
        "" if score.probability is None else f"{score.probability * 100:.2f}%",
        tuple(words_of(step) for step in told["steps"]), tuple(_reason(one) for one in told.get("reasons", [])),
        tuple(missing), tuple(asked.flags), tuple(asked.rules), tuple(values), told.get("points"), told.get("of", 0),
    )  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """One figure in the words of a page: name, how to read it, its value per version ("—" where there is none)."""

    name: str
    reading: str
    values: tuple[str, ...]


def share(value: float | None) -> str:
    return "—" if value is None else f"{value:.4f}"


def measures(versions: Sequence[ModelVersion]) -> list[Measure]:
    """Return the figures of versions side by side."""

    def of(part: str, name: str) -> tuple[str, ...]:
        return tuple(share((one.figures.get(part) or {}).get(name)) for one in versions)

    spread = tuple(
        _("%(low)s 至 %(high)s") % {"low": share(min(found)), "high": share(max(found))}
        if (found := [fold["auc"] for fold in one.figures.get("folds", [])])
        else "—"
        for one in versions
    )
    return [
        Measure(_("AUC（五折交叉）"), _("违约排在未违约前面的机会，0.5 是瞎猜，1 是全对"), of("cross", "auc")),
        Measure(_("AUC 各折"), _("五折里最低和最高，差得多说明不稳"), spread),
        Measure(_("KS（五折交叉）"), _("两类分数分布拉开的最大距离"), of("cross", "ks")),
        Measure(_("Brier（五折交叉）"), _("概率与结果的均方差，越小越好"), of("cross", "brier")),
        Measure(_("校准误差"), _("说的概率与实际比例平均差多少，越小越好"), of("cross", "gap")),
        Measure(_("AUC（跨期）"), _("用较早的行学，在最近 20% 的行上检验"), of("late", "auc")),
        Measure(_("KS（跨期）"), _("最近 20% 的行上两类分数拉开的最大距离"), of("late", "ks")),
        Measure(_("Brier（跨期）"), _("最近 20% 的行上概率与结果的均方差"), of("late", "brier")),
    ]


def latest_of(model: RiskModel) -> dict[str, list[ModelVersion]]:
    """Return a model's versions by state, newest first."""
    return _by_state(model.versions.select_related("data_set").defer("progress").order_by("-number"))


def latest_of_all(models: Iterable[RiskModel]) -> dict[int, dict[str, list[ModelVersion]]]:
    """Return the versions of several models by state, newest first, under each model's id. One query."""
    found: dict[int, list[ModelVersion]] = {model.pk: [] for model in models}
    for version in ModelVersion.objects.filter(model__in=found).defer("progress").order_by("-number"):
        found[version.model_id].append(version)
    return {pk: _by_state(versions) for pk, versions in found.items()}


def _by_state(versions: Iterable[ModelVersion]) -> dict[str, list[ModelVersion]]:
    found: dict[str, list[ModelVersion]] = {}
    for version in versions:
        found.setdefault(version.state, []).append(version)
    return found


@dataclass(frozen=True)
class DriftRow:
    """One column's PSI, month by month: (value or "—", level)."""

    label: str
    cells: tuple[tuple[str, str], ...]


def drift_table(version: ModelVersion, months: int = 12) -> tuple[list[date], list[int], list[DriftRow]]:
    """Return months (oldest first), how many cases each had, and the score's row above those of the columns."""
    rows = list(Drift.objects.filter(model_version=version).order_by("month", "pk"))
    days = sorted({row.month for row in rows})[-months:]
    cases = {row.month: row.rows for row in rows}
    found: dict[str, dict[date, Drift]] = {}
    for row in rows:
        found.setdefault(row.column, {})[row.month] = row
    table = []
    for by_month in found.values():
        label = next(iter(by_month.values())).label
        cells = tuple(
            (f"{by_month[day].psi:.3f}", level_of(float(by_month[day].psi))) if day in by_month else ("—", "")
            for day in days
        )
        table.append(DriftRow(label, cells))
    return days, [cases[day] for day in days], table


def limits() -> list[str]:
    """Return what a model must not be used for, and how far it reaches."""
    return [
        _("只供审批参考，不代替人的判断，不单独作为拒绝的理由。"),
        _("只适用于与训练数据相近的企业和业务；没有见过的行业、地区、规模不能照用。"),
        _("不得用于个人信用评价、员工考核，不得用于训练时没有说明的用途。"),
        _("资料缺失时按缺失处理，缺得多的结论不可靠，应先补资料。"),
        _(
            "梯度提升树的默认参数和两列相比的做法，是看着公开的波兰企业破产数据（第五年）选定的，没有看过本机构的数据；"
            "好不好以本模型自己的交叉验证和跨期检验为准。"
        ),
    ]
