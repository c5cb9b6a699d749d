"""What a firm's portrait says of its risk: how the reader's own house graded the newest application, and why."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Enterprise
from xinshu.guarantees.models import Guarantee
from xinshu.portraits.chapters import LEFT, Chapter, Said, Sentence, register_chapter
from xinshu.scoring.models import Score
from xinshu.scoring.queries import ScoreShown, shown_score

MOST_REASONS = 5


def graded(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say the grade, the probability and the reasons of the newest score that the reader may see."""
    cases = Guarantee.objects.visible_to(member, at).filter(applicant=enterprise.organisation_id)
    scores = Score.objects.visible_to(member).filter(
        subject_type=Guarantee._meta.label_lower, subject_id__in=cases.order_by().values("pk")
    )
    newest = scores.select_related("model_version__model", "model_version__data_set").order_by("-pk").first()
    return None if newest is None else _said(shown_score(newest))


def _said(shown: ScoreShown) -> Said:
    on, page = local_day(shown.score.at), reverse("scoring:score", args=[shown.score.reference])
    version = shown.version
    source = f"{version.model.name} V{version.number}" if version is not None else str(_("风险评级规则"))
    grade = _("%(g)s 级") % {"g": shown.grade} if shown.grade else _("未评级")
    words = _("最近一笔申请的违约风险：%(grade)s") % {"grade": grade}
    if shown.probability:
        words = _("%(words)s，违约概率 %(p)s") % {"words": words, "p": shown.probability}
    tone = shown.tone if shown.tone in ("warn", "danger") else ""
    sentences = [Sentence(words, source, on, page, tone)]
    sentences += [
        Sentence(
            (_("推高风险：%(label)s %(text)s") if reason.raises else _("降低风险：%(label)s %(text)s"))
            % {"label": reason.label, "text": reason.text},
            source, on, page, "warn" if reason.raises and reason.strong else "",
        )
        for reason in shown.reasons[:MOST_REASONS]
    ]  # fmt: skip
    sentences += [
        Sentence(f"{flag.name}：{flag.text}", str(_("申请与资料比对")), on, page, "danger" if flag.serious else "warn")
        for flag in shown.flags
    ]
    advice = [_("评级所用资料缺了一半以上，先补企业资料再看等级。")] if shown.thin else []
    figure = {"label": _("违约风险"), "value": grade, "unit": "", "href": page, "details": [("", shown.probability)]}
    return Said(sentences, figures=[figure], advice=advice)


register_chapter(Chapter("risk_grade", lazy("违约风险"), 8, LEFT, graded))
