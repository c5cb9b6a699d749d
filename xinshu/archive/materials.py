"""What of a guarantee itself is laid into its dossier; rooms above register more (guarantees/materials.py)."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinshu.archive.proofs import proof_of
from xinshu.archive.sides import GUARANTOR, INSIDE, PARTIES
from xinshu.core.money import yuan
from xinshu.documents.models import File
from xinshu.guarantees.materials import MAKERS, Material
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.canonical import moment_text
from xinshu.work.models import Approval


def materials_of(guarantee: Guarantee, at: datetime) -> list[Material]:
    """Return everything that belongs into the dossier, in the order in which it will stand there.

    Raises NotYet (proofs.py) while entries wait to be sealed.
    """
    found = [*_proofs(guarantee, at), *_papers(guarantee), *_files(guarantee)]
    for make in MAKERS:
        found += make(guarantee, at)
    for side in PARTIES:
        paths = [material.path for material in found if side in material.sides]
        if len(paths) != len(set(paths)):
            raise ValueError(f"two files of one path for {side}: {sorted(paths)}")
    return found


def written(content: Any) -> bytes:
    """Return `content` as JSON for people and programs to read."""
    return json.dumps(content, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: Any) -> str:
    return moment_text(value) if isinstance(value, datetime) else str(value)


def _proofs(guarantee: Guarantee, at: datetime) -> Iterator[Material]:
    for side in PARTIES:  # each side's own: a path may come twice where the sides do not meet
        proof = written(proof_of(guarantee, side, at))
        yield Material("proof.json", _("证明文件：签章、记录与状态"), proof, at, (side,))


def _papers(guarantee: Guarantee) -> Iterator[Material]:
    application = written(_application(guarantee))
    yield Material("application.json", _("申请事实与承保条件"), application, guarantee.submitted_at)
    if guarantee.findings:
        findings = written({"rules": guarantee.findings})
        yield Material("findings.json", _("自动审查结论"), findings, guarantee.decided_at)
    approvals = [_approval(one) for one in _approvals(guarantee)]
    if approvals:
        signed = written(approvals)
        yield Material("approvals.json", _("审批意见与签署"), signed, guarantee.decided_at, (GUARANTOR,))
    payments = [_payment(one) for one in guarantee.payments.order_by("pk")]
    if payments:
        yield Material(
            "payments.json", _("保费收付"), written(payments), guarantee.payments.earliest("pk").requested_at
        )


def _files(guarantee: Guarantee) -> Iterator[Material]:
    titles = dict(guarantee.attachments.values_list("file_id", "title"))
    kept = File.objects.filter(subject_type=guarantee._meta.label_lower, subject_id=guarantee.pk)
    sides: tuple[str, ...]
    for number, file in enumerate(kept.select_related("blob").order_by("uploaded_at", "pk"), 1):
        if guarantee.letter is not None and guarantee.letter.file_id == file.pk:
            path, title, sides = f"letter/{file.name}", _("电子保函"), PARTIES
        else:
            path, title, sides = f"files/{number:02d}-{file.name}", titles.get(file.pk) or _("业务材料"), INSIDE
        yield Material(path, title, file.blob, file.uploaded_at, sides)


def _application(guarantee: Guarantee) -> dict[str, Any]:
    project = guarantee.project
    return {
        "kind": str(guarantee.get_kind_display()),
        "number": guarantee.number,
        "parties": {
            who: {"name": one.name, "uscc": one.uscc or ""}
            for who, one in (
                ("applicant", guarantee.applicant),
                ("guarantor", guarantee.guarantor),
                ("beneficiary", guarantee.beneficiary),
            )
        },
        "project": {"name": project.name, "number": project.number, "region": project.region_code},
        "amount": guarantee.amount,
        "amount_yuan": yuan(guarantee.amount or 0),
        "currency": guarantee.currency,
        "base_amount": guarantee.base_amount,
        "base_source": guarantee.base_source,
        "effective_on": guarantee.effective_on,
        "expires_on": guarantee.expires_on,
        "nature": str(guarantee.get_nature_display()),
        "clauses": guarantee.clauses,
        "letter": guarantee.letter_values,
        "fee": {"amount": guarantee.fee_amount, "lines": guarantee.fee_lines},
        "parts": {part: getattr(guarantee, part) for part in Guarantee.PARTS},
        "state": guarantee.state,
        "moments": {
            name: getattr(guarantee, name)
            for name in ("created_at", "submitted_at", "decided_at", "issued_at", "delivered_at", "ended_at")
        },
    }


def _approvals(guarantee: Guarantee) -> list[Approval]:
    about = Approval.objects.filter(subject_type=guarantee._meta.label_lower, subject_id=guarantee.pk)
    return list(about.prefetch_related("signatures").order_by("pk"))


def _approval(approval: Approval) -> dict[str, Any]:
    signatures = sorted(approval.signatures.all(), key=lambda one: one.pk)
    fields = ("act", "level_name", "hand_label", "opinion", "at", "voided_at", "facts_digest")
    return {
        "state": approval.state,
        "levels": approval.levels,
        "facts": approval.facts,
        "started_at": approval.started_at,
        "ended_at": approval.ended_at,
        "signatures": [{name: getattr(one, name) for name in fields if hasattr(one, name)} for one in signatures],
    }


def _payment(payment: Any) -> dict[str, Any]:
    fields = ("order_number", "channel", "amount", "state", "reason", "requested_at", "settled_at")
    return {name: getattr(payment, name) for name in fields}
