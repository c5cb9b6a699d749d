"""What is: one version of one type, as it was written."""

from typing import Any

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.guarantees.kinds import Kind
from xinshu.guarantees.types.definition import read


class TypeVersion(Case):
    """One version of a type. Its definition (definition.py) is never edited once it was active."""

    code = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    authors = models.JSONField(default=list)  # users who wrote it: none of them activates it
    report = models.JSONField(default=list)  # what the trial on a sample said, check by check
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    activated_by = models.CharField(max_length=60, blank=True)  # an actor's key; empty: came with the platform

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="type_version_once"),
            models.UniqueConstraint(fields=["code"], condition=Q(state="active"), name="type_one_active"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state__in=["draft", "tested"]), name="type_one_in_writing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition['label']} V{self.number}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: types are the platform's."""
        organisation: Any = getattr(by, "organisation", None)
        return {"platform"} if organisation is not None and organisation.kind == Organisation.Kind.OPERATOR else set()

    @property
    def kind(self) -> Kind:
        """The type as everybody reads it."""
        return read(self.definition, self.number, retired=self.state == "retired")
