"""What is: one version of a guarantor's terms, for one kind of guarantee or for all."""

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.composed import composed

PUBLIC = ("active", "superseded")  # what was once in force may be read by whoever meets guarantees


class TermsQuerySet(CaseQuerySet["Terms"]):
    """The one door to terms."""

    def visible_to(self, member: Member) -> "TermsQuerySet":
        """Return what exists for `member`: versions that were in force, and drafts of the own house."""
        if not member.can("guarantees.view"):
            return self.none()
        return self.filter(Q(state__in=PUBLIC) | Q(guarantor=member.organisation_id))

    def active_for(self, guarantor_id: int, kind: str) -> "Terms | None":
        """Return the terms in force: those for the kind before those for all kinds. None: the house has none."""
        return _in_force.first(guarantor_id, kind)


class Terms(Case):
    """One version. Its text never changes once it was in force: whoever accepted it can read it for ever."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="terms")
    kind = models.CharField(max_length=20, blank=True)  # empty: for all kinds
    number = models.PositiveIntegerField(null=True)  # from activation
    text = models.TextField()  # paragraphs, one a line
    authors = models.JSONField(default=list)  # users who wrote it: none of them activates it
    written_by = models.CharField(max_length=60)
    activated_by = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = TermsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "kind", "number"], name="terms_version_once"),
            models.UniqueConstraint(
                fields=["guarantor", "kind"], condition=Q(state="active"), name="terms_one_active"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=PUBLIC) | Q(number__isnull=False, activated_at__isnull=False),
                name="terms_numbered_in_force",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.guarantor} {self.kind} V{self.number}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: terms are their guarantor's."""
        return {"guarantor"} if getattr(by, "organisation_id", None) == self.guarantor_id else set()

    @property
    def paragraphs(self) -> list[str]:
        """The text as it is shown."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]


@composed
def _in_force(guarantor: int, kind: str) -> "models.QuerySet[Terms]":
    found = Terms.objects.filter(guarantor=guarantor, state="active", kind__in=("", kind))
    return found.order_by("-kind")[:1]
