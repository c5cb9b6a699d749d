"""What can be done with gates: written, edited, put on by a second person, taken off; matched with a firm."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.actions.tags import must_be_house
from xinshu.admission.knowing import customers_of, known_of
from xinshu.admission.lifecycle import GATE
from xinshu.admission.models import FIRM, SUBJECTS, Gate, Match, Questionnaire, Sheet
from xinshu.admission.purposes import PURPOSES
from xinshu.admission.shelves import wares_of
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record
from xinshu.rules.engine.deciding import CONDITIONS
from xinshu.rules.engine.facts import Facts
from xinshu.rules.models import RuleSet, RuleVersion
from xinshu.rules.running import Subject, keep_run, prepared_of


@dataclass(frozen=True)
class Plan:
    """What a gate says: which product, of whom, by which rules, what is asked for them, whether firms read it all."""

    product: str
    subject: str
    rule_set: RuleSet | None
    questionnaire: Questionnaire | None = None
    shows_unmet: bool = True


@transaction.atomic
def write_gate(plan: Plan, *, by: Member, at: datetime) -> Gate:
    """Begin a gate of the own house. Raises Invalid per field."""
    must_be_house(by)
    gate = Gate(state="draft", house=by.organisation)
    GATE.step("edit_gate", gate, by)
    _check(plan, by.organisation)
    assert plan.rule_set is not None
    found = next(((shelf, one) for shelf, one in wares_of(by.organisation, at) if one.reference == plan.product), None)
    if found is None:
        raise Invalid(_("准入方案没有保存。"), fields={"product": _("请选择本机构的产品")})
    shelf, ware = found
    if Gate.objects.filter(shelf=shelf.code, product=ware.reference, subject=plan.subject).exists():
        raise Invalid(_("准入方案没有保存。"), fields={"subject": _("这个产品已有一份同类对象的方案，请在那份上修改")})
    gate = Gate.objects.create(
        state="draft", house=by.organisation, shelf=shelf.code, product=ware.reference, product_name=ware.name[:60],
        subject=plan.subject, rule_set=plan.rule_set, questionnaire=plan.questionnaire, shows_unmet=plan.shows_unmet,
        authors=[by.user_id], created_at=at, changed_at=at,
    )  # fmt: skip
    record("gate.written", gate, by=by, at=at, name=gate.product_name, of=gate.subject)
    return gate


@transaction.atomic
def edit_gate(gate: Gate, plan: Plan, *, by: Member, at: datetime) -> Gate:
    """Rewrite a gate that is not on. Product and subject stay."""
    gate = Gate.objects.locked(gate)
    step = GATE.step("edit_gate", gate, by)
    _check(Plan(gate.product, gate.subject, plan.rule_set, plan.questionnaire), by.organisation)
    gate.change(
        step, rule_set=plan.rule_set, questionnaire=plan.questionnaire, shows_unmet=plan.shows_unmet,
        authors=sorted({*gate.authors, by.user_id}), changed_at=at,
    )  # fmt: skip
    record("gate.edited", gate, by=by, at=at, name=gate.product_name, of=gate.subject)
    return gate


def _check(plan: Plan, house: Organisation) -> None:
    problems = {}
    if plan.subject not in SUBJECTS:
        problems["subject"] = _("请选择")
    elif plan.rule_set is None or plan.rule_set.owner_id != house.pk:
        problems["rule_set"] = _("请选择本机构的规则集")
    elif plan.rule_set.purpose != PURPOSES[plan.subject].code or plan.rule_set.form != CONDITIONS:
        problems["rule_set"] = _("请选择用途为“%(purpose)s”的条件表") % {"purpose": PURPOSES[plan.subject].label}
    asked = plan.questionnaire
    if asked is not None and (asked.house_id != house.pk or asked.subject != plan.subject):
        problems["questionnaire"] = _("请选择本机构关于同类对象的问卷")
    if asked is None and plan.subject in SUBJECTS and plan.subject != FIRM:
        problems["questionnaire"] = _("个人、房产和车辆的事实来自问卷，请选择一份")
    if problems:
        raise Invalid(_("准入方案没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)


@transaction.atomic
def put_on(gate: Gate, *, by: Member, at: datetime) -> Gate:
    """Have a gate asked from now on, by somebody who has not written it. Raises NotNow without rules in force."""
    gate = Gate.objects.locked(gate)
    step = GATE.step("put_on", gate, by)
    if by.user_id in gate.authors:
        raise NotPermitted(_("您写过这份准入方案，须由另一人启用。"))
    version_now(gate, at)
    gate.change(step, changed_at=at)
    record("gate.put_on", gate, by=by, at=at, name=gate.product_name, of=gate.subject)
    return gate


@transaction.atomic
def take_off(gate: Gate, *, reason: str, by: Member, at: datetime) -> Gate:
    """Stop asking a gate; what it found stays."""
    gate = Gate.objects.locked(gate)
    step = GATE.step("take_off", gate, by)
    gate.change(step, changed_at=at)
    record("gate.taken_off", gate, by=by, at=at, name=gate.product_name, reason=reason[:500])
    return gate


def version_now(gate: Gate, at: datetime) -> RuleVersion:
    """Return the version of the gate's rules in force. Raises NotNow where there is none."""
    rule_set = gate.rule_set
    version = rule_set.version_on(local_day(at)) if rule_set.state == "on" else None
    if version is None:
        raise NotNow(_("这份准入方案的规则现在没有生效的版本。"), advice=_("启用规则版本后再试。"))
    version.rule_set = rule_set
    return version


def facts_for(gate: Gate, version: RuleVersion, firm: Organisation, about: str, at: datetime) -> Facts:
    """Return what is known of a firm, or of what it has, for a version's conditions."""
    types = version.types
    asked = [types[code] for code in prepared_of(version).facts]
    return known_of(gate.house, asked, at, [firm.pk], about)[firm.pk]


@transaction.atomic
def match(gate: Gate, firm: Organisation, about: str = "", *, by: Member, at: datetime) -> Match:
    """Ask a gate about a firm, or about a person, property or vehicle that it answered for; the run is kept.

    A firm asks about itself, the house about its customers. Raises NotPermitted, NotNow, Invalid.
    """
    GATE.step("match", gate, by)
    own = by.organisation_id == gate.house_id
    if not own and firm.pk != by.organisation_id:
        raise NotPermitted(_("只能核对本单位。"))
    if own and not customers_of(gate.house).filter(enterprise__organisation=firm).exists():
        raise NotPermitted(_("只能核对本机构的客户。"))
    if gate.subject == FIRM:
        about = ""
    elif not Sheet.objects.filter(
        version_asked__questionnaire=gate.questionnaire, firm=firm, about=about, state="handed_in"
    ).exists():
        subject = SUBJECTS[gate.subject]
        raise Invalid(
            _("还没有关于这个%(subject)s的问卷答案。") % {"subject": subject}, advice=_("请先填写并提交问卷。")
        )
    cause = Match.Cause.HOUSE if own else Match.Cause.FIRM
    return keep_match(gate, version_now(gate, at), firm, about, cause, None, by=by, at=at)


def keep_match(
    gate: Gate, version: RuleVersion, firm: Organisation, about: str, cause: Match.Cause,
    secret_until: datetime | None, *, by: Actor, at: datetime,
) -> Match:  # fmt: skip
    """Decide, keep the run and log the match. Must run in a transaction."""
    facts = facts_for(gate, version, firm, about, at)
    name = f"{firm.name} · {about}" if about else firm.name
    run = keep_run(version, facts, Subject(firm.uscc or f"firm{firm.pk}", name, secret_until), by=by, at=at)
    return Match.objects.create(gate=gate, firm=firm, about=about, run=run, cause=cause, at=at)
