"""准入: purposes of rules of this room's own, one per kind of subject, and the facts that they may ask for.

Of a firm: its record, what data sources answered of it, its tags, its answers. Of a person, property or vehicle: what
the firm answered in the house's questionnaires about it. The last two are each house's own (`Purpose.more`).
"""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Organisation
from xinshu.admission.models import FIRM, SUBJECTS, Questionnaire, Tag
from xinshu.admission.questions import SINGLE
from xinshu.enterprises.fields import FIELDS
from xinshu.rules.engine.facts import AMOUNT, DAY, NUMBER, TEXT, TRUTH, FactType
from xinshu.rules.purposes import Purpose, register_purpose
from xinshu.rules.screening import SCREENING

RECORD, REGISTRATION, TAGS, ANSWERS = "record", "registration", "tag", "questionnaire"
KINDS = {"money": AMOUNT, "count": NUMBER, "day": DAY, "text": TEXT}
LEFT_OUT = frozenset({"legal_name", "former_name", "address", "bank_account_name"})  # nobody is admitted by these
RATIO = "debt_share"  # reckoned from two fields
RECKONED = {RATIO: ("total_liabilities", "total_assets")}
VERIFIED = "firm_verified"
OF_RECORD = (
    *(
        FactType(field.code, field.label.removesuffix("（元）"), KINDS[field.kind], RECORD)
        for field in FIELDS.values()
        if field.kind in KINDS and field.code not in LEFT_OUT
    ),
    FactType(RATIO, lazy("报表资产负债率"), NUMBER, RECORD, "%"),
    FactType(VERIFIED, lazy("企业身份已核验"), TRUTH, REGISTRATION),
)
_TAKEN = {one.code for one in OF_RECORD} | {str(one.label) for one in OF_RECORD}
OF_SOURCES = tuple(
    FactType(f"src_{one.code}", lazy_label, one.type, one.source, one.unit, one.choices)
    for one in SCREENING.facts
    for lazy_label in (f"{one.label}（数据源）" if str(one.label) in _TAKEN else one.label,)
)


def code_of(questionnaire: Questionnaire, question: str) -> str:
    """Return the code of the fact that a question gives."""
    return f"q_{questionnaire.reference.lower()}_{question}"


def tag_code(tag: Tag) -> str:
    """Return the code of the fact "carries this tag"."""
    return f"tag_{tag.reference.lower()}"


def answers_of(house: Organisation, subject: str) -> tuple[FactType, ...]:
    """Return the facts that the house's questionnaires about this kind of subject give: what is asked now."""
    found = Questionnaire.objects.filter(house=house, subject=subject).order_by("name")
    facts = []
    for one in found:
        version = one.present()
        for question in version.questions if version is not None else ():
            choices = question.choices if question.kind == SINGLE else ()
            facts.append(
                FactType(
                    code_of(one, question.code), question.text[:40], question.fact, ANSWERS, question.unit, choices
                )
            )
    return tuple(facts)


def tags_of(house: Organisation) -> tuple[FactType, ...]:
    """Return the facts "carries this tag"."""
    tags = Tag.objects.filter(house=house, state="on").order_by("name")
    return tuple(FactType(tag_code(tag), _("标签%(name)s") % {"name": tag.name}, TRUTH, TAGS) for tag in tags)


def _more_of_firm(house: Organisation) -> tuple[FactType, ...]:
    return (*tags_of(house), *answers_of(house, FIRM))


def for_tags(house: Organisation) -> tuple[FactType, ...]:
    """Return what a tag may be computed from: everything known of a firm but other tags."""
    return (*OF_RECORD, *OF_SOURCES, *answers_of(house, FIRM))


SAYS = lazy("企业申请前可以看到是否符合；自动审查时不通过的不能批准，转人工的由人审批。")
SOURCES = {
    RECORD: lazy("企业资料库"), REGISTRATION: lazy("机构注册核验"), TAGS: lazy("标签库"), ANSWERS: lazy("问卷"),
    **SCREENING.sources,
}  # fmt: skip


def _purpose(subject: str) -> Purpose:
    if subject == FIRM:
        return Purpose(
            "admission_firm", lazy("产品准入（企业）"), SAYS, (*OF_RECORD, *OF_SOURCES), SOURCES, more=_more_of_firm
        )

    def more(house: Organisation) -> tuple[FactType, ...]:
        return answers_of(house, subject)

    label = {
        "person": lazy("产品准入（个人）"),
        "property": lazy("产品准入（房产）"),
        "vehicle": lazy("产品准入（车辆）"),
    }
    return Purpose(f"admission_{subject}", label[subject], SAYS, (), SOURCES, more=more)


PURPOSES = {subject: register_purpose(_purpose(subject)) for subject in SUBJECTS}


def share(liabilities: int, assets: int) -> Decimal:
    """Return liabilities as a part of assets, in percent with two digits."""
    return (Decimal(liabilities) * 100 / assets).quantize(Decimal("0.01"))
