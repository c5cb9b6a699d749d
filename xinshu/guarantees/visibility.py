"""Who may read the files of a guarantee, besides their owner, and what its letter says: registered with documents."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.documents.searching.keeping import tells_text
from xinshu.documents.visibility import belongs_to, may_read
from xinshu.guarantees.models import Amendment, Batch, ContractChange, Guarantee, Reduction, Surrender


@may_read("guarantees.guarantee")
def reads_guarantee_file(file: File, member: Member, at: datetime) -> bool:
    """Let in applicant and guarantor to everything, others for whom the guarantee exists to what was put before them.

    That is the letter, letters of amendments and answers, proofs of reductions, surrenders and changed contracts.
    """
    assert file.subject_id is not None  # a file of a guarantee's case names the case
    guarantee = Guarantee.objects.visible_to(member, at).filter(pk=file.subject_id).select_related("letter").first()
    if guarantee is None:
        return False
    if guarantee.sides_of(member) & {"applicant", "guarantor"}:
        return True
    is_letter = guarantee.letter is not None and guarantee.letter.file_id == file.pk
    return is_letter or put_before_others().filter(pk=file.pk).exists()


def put_before_others() -> QuerySet[File]:
    """Return the files of guarantees that beneficiary and department may read besides the letter itself."""
    amended = Amendment.objects.filter(offered_at__isnull=False).order_by().values("letter__file")
    proofs = Surrender.objects.filter(proof__isnull=False).order_by().values("proof")
    documents = Reduction.objects.filter(document__isnull=False).order_by().values("document")
    contracts = ContractChange.objects.order_by().values("document")
    answers = ContractChange.objects.filter(letter__isnull=False).order_by().values("letter__file")
    asked = Q(pk__in=contracts) | Q(pk__in=answers)
    return File.objects.filter(asked | Q(pk__in=amended) | Q(pk__in=proofs) | Q(pk__in=documents))


@may_read("guarantees.batch")
def reads_batch_file(file: File, member: Member, at: datetime) -> bool:
    """Let in those for whom the batch exists: its preparers, and its guarantor once it was submitted."""
    assert file.subject_id is not None
    return Batch.objects.visible_to(member, at).filter(pk=file.subject_id).exists()


belongs_to(
    Guarantee,
    lambda member, at: Guarantee.objects.visible_to(member, at).select_related("project"),
    lambda case: (
        f"{case.project.name} · {case.get_kind_display()}",
        reverse("guarantees:detail", args=[case.reference]),
    ),
)
belongs_to(
    Batch,
    lambda member, at: Batch.objects.visible_to(member, at),
    lambda batch: (str(batch), reverse("guarantees:batch", args=[batch.reference])),
)


@tells_text("guarantees.guarantee")
def text_of_letter(file: File) -> list[str] | None:
    """Return what the letter of a guarantee says, as it was put into it; None for any other file of the case."""
    case = Guarantee.objects.filter(pk=file.subject_id or 0, letter__file=file).first()
    if case is None:
        return None
    values = case.letter_values.values()
    return [line for value in values for line in (value if isinstance(value, list) else [str(value)])]
