"""What is: one version of one text, a guarantor's own or the platform's."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.guarantees import kinds
from xinshu.guarantees.letters.texts import Text

WHOSE = Coalesce(F("guarantor"), Value(0))  # two platform texts collide as two of one house do


class WordingQuerySet(CaseQuerySet["Wording"]):
    """The one door to texts."""

    def visible_to(self, member: Member) -> "WordingQuerySet":
        """Return what exists for `member`: the own house's, and to read what the platform offers everybody."""
        if member.organisation.kind == Organisation.Kind.OPERATOR:
            return self.filter(guarantor=None) if member.can("types.manage") else self.none()
        if member.organisation.kind not in Organisation.ISSUERS or not member.can("wordings.view"):
            return self.none()
        return self.filter(Q(guarantor=member.organisation_id) | Q(guarantor=None, state="active"))


class Wording(Case):
    """One version of the text for one type, in one form. Its words are never edited once it was active."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="wordings")  # null: platform's
    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    form = models.CharField(max_length=12)  # types.sample.FORMS: accessory, independent, insurance
    number = models.PositiveIntegerField()
    paragraphs = models.JSONField(default=list)
    documents = models.JSONField(default=list)
    remarks = models.JSONField(default=list)  # what the linter said when it was checked (linting.Remark)
    accepted = models.JSONField(default=list)  # rules whose warning somebody answered for
    answer = models.CharField(max_length=500, blank=True)  # with what: a legal opinion's number, a reason
    authors = models.JSONField(default=list)  # users who wrote or checked it: none of them activates it
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    activated_by = models.CharField(max_length=60, blank=True)

    objects = WordingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(WHOSE, "kind", "form", "number", name="wording_version_once"),
            models.UniqueConstraint(WHOSE, "kind", "form", condition=Q(state="active"), name="wording_one_active"),
            models.UniqueConstraint(
                WHOSE, "kind", "form", condition=Q(state__in=["draft", "checked"]), name="wording_one_in_writing"
            ),
        ]
        indexes = [models.Index(fields=["kind", "form", "state"], name="wording_in_use")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} V{self.number}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: a text is its house's, the platform's is the operator's."""
        house = getattr(by, "organisation", None)
        if house is None:
            return set()
        if self.guarantor_id is None:
            return {"platform"} if house.kind == Organisation.Kind.OPERATOR else set()
        return {"house"} if house.pk == self.guarantor_id else set()

    @property
    def text(self) -> Text:
        """What it says, as letters are filled from it."""
        return Text(tuple(self.paragraphs), tuple(self.documents), frozenset(self.accepted))
