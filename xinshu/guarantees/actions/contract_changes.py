"""主合同变更: reported by applicant or beneficiary with the paper; the guarantor consents in writing, or does not.

The face and the day of the guarantee do not move: what moves is what the guarantor answers for (consenting.py). Until
it consents it stands as if it had not; its silence is no consent.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow
from xinshu.documents.models import SealedDocument
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.amendments import must_be_open_to_change
from xinshu.guarantees.changing import CONTRACT_CHANGE
from xinshu.guarantees.history import digest_of, note, remember
from xinshu.guarantees.law.consenting import EFFECTS, SURETY, WITH_AMOUNT
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import ContractChange, Guarantee


@transaction.atomic
def report_contract_change(
    guarantee: Guarantee,
    *,
    effect: str,
    reason: str,
    content: bytes | None,
    name: str,
    by: Member,
    at: datetime,
    amount: int | None = None,
) -> ContractChange:
    """Tell the guarantor of a change of the contract, and ask for its written consent."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("report_change", guarantee, by)
    must_be_open_to_change(guarantee, at)
    problems = {}
    if effect not in dict(EFFECTS):
        problems["effect"] = _("请选择")
    if effect in WITH_AMOUNT and not (amount and amount > 0):
        problems["amount"] = _("请填写涉及的金额，应大于零")
    if len(reason.strip()) < 4:
        problems["reason"] = _("至少 4 个字")
    if not content:
        problems["file"] = _("请上传补充协议或通知")
    if problems:
        raise Invalid("；".join(problems.values()) + "。", fields=problems, advice=_("修改后再提交，已填内容都在。"))
    paper = keep_file(
        content or b"", name, by.organisation, by, at, subject=guarantee, sealed_until=guarantee.secret_until
    )
    change = ContractChange.objects.create(
        guarantee=guarantee, state="asked", effect=effect, amount=amount if effect in WITH_AMOUNT else None,
        reason=reason.strip()[:500], document=paper, proposed_at=at, changed_at=at,
    )  # fmt: skip
    guarantee.change(step, at=at)
    told = {"effect": effect, "amount": change.amount, "unbound": change.effect_now.unbound}
    note("contract_change.reported", change, by=by, at=at, reason=change.reason, document=paper.blob.sm3, **told)
    remember("guarantee.contract_changed", guarantee, by=by, at=at, change=change.reference, reason=reason, **told)
    return change


@transaction.atomic
def consent_to_change(change: ContractChange, *, by: Member, at: datetime) -> ContractChange:
    """Consent in writing: the guarantor answers for the debt as changed, within its face."""
    return _decide(change, "consent", "contract_change.consented", "", by=by, at=at)


@transaction.atomic
def refuse_change(change: ContractChange, *, by: Member, at: datetime, reason: str) -> ContractChange:
    """Not consent: the guarantor does not answer for what the law takes out."""
    return _decide(change, "refuse", "contract_change.refused", reason, by=by, at=at)


@transaction.atomic
def withdraw_change(change: ContractChange, *, by: Member, at: datetime, reason: str) -> ContractChange:
    """Take the report back: the contract was not changed after all."""
    return _decide(change, "withdraw", "contract_change.withdrawn", reason, by=by, at=at)


@transaction.atomic
def lapse_change(change: ContractChange, *, at: datetime, reason: str) -> ContractChange:
    """End the wait for an answer: the guarantee is over. What was not consented to stays so."""
    return _decide(change, "lapse", "contract_change.lapsed", reason, by=SYSTEM, at=at)


def _decide(change: ContractChange, action: str, kind: str, reason: str, *, by: Any, at: datetime) -> ContractChange:
    change = ContractChange.objects.locked(change)
    change.change(CONTRACT_CHANGE.step(action, change, by), at=at, ended_at=at)
    note(kind, change, by=by, at=at, reason=reason, amount=change.amount, unbound=change.effect_now.unbound)
    return change


@transaction.atomic
def keep_answer(
    change: ContractChange, letter: SealedDocument, *, values: dict[str, Any], at: datetime
) -> ContractChange:
    """Keep the sealed letter of the guarantor's answer. Raises NotNow when there is one."""
    change = ContractChange.objects.locked(change)
    if change.letter_id is not None or change.state not in ("consented", "refused"):
        raise NotNow(_("这项变更已有复函，或还没有答复。"))
    change.change(at=at, letter=letter)
    note(
        "contract_change.answered", change, by=SYSTEM, at=at, letter=letter.pdf_sm3,
        sm2_signature=letter.sm2_signature, values=digest_of(values),
    )  # fmt: skip
    return change


def unconsented(guarantee: Guarantee) -> list[ContractChange]:
    """Return the changes by which this surety does not answer for a part of the debt, the oldest first."""
    if guarantee.nature not in SURETY:
        return []
    found = ContractChange.objects.filter(guarantee=guarantee).exclude(state="withdrawn").order_by("pk")
    return [change for change in found.select_related("guarantee") if change.effect_now.unbound]
