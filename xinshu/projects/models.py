"""What is: projects as somebody registered them, and the organisations that take part."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.projects.supervision import SupervisionPlan, SupervisionRow, projects_under

__all__ = ["Party", "Project", "SupervisionPlan", "SupervisionRow"]


class ProjectQuerySet(CaseQuerySet["Project"]):
    """Projects, and the one door to them."""

    def visible_to(self, member: Member, at: datetime) -> Self:
        """Return what exists for `member` at the moment `at`.

        One's own registrations always. Parties, and departments that supervise here (归口管理), see the rest as soon as
        it betrays no bidder: the buyer itself registered it, or bids are opened, or the award is known.
        """
        mine = Q(registered_by=member.organisation_id)
        party = Q(buyer=member.organisation_id) | Q(
            pk__in=Party.objects.filter(organisation=member.organisation_id).values("project")
        )
        if member.organisation.kind == Organisation.Kind.DEPARTMENT:
            party |= projects_under(member.organisation, at)
        open_by_now = Q(registered_by=F("buyer")) | Q(state=Project.AWARDED) | Q(opens_at__lte=at)
        return self.filter(mine | (open_by_now & party))


class Project(Case):
    """One lot (标段) as `registered_by` entered it. Two bidders' entries of one lot know nothing of each other."""

    TENDERING, AWARDED = "tendering", "awarded"

    class Kind(models.TextChoices):
        BUILDING = "building", "房屋建筑"
        MUNICIPAL = "municipal", "市政工程"
        HIGHWAY = "highway", "公路工程"
        WATER = "water", "水利工程"
        TRANSPORT = "transport", "铁路与港航"
        ENERGY = "energy", "电力与能源"
        LANDSCAPE = "landscape", "园林绿化"
        OTHER = "other", "其他工程"

    class Regime(models.TextChoices):
        TENDER = "tender", "招标投标"
        PROCUREMENT = "procurement", "政府采购"

    class Source(models.TextChoices):
        ENTERED = "entered", "人工录入"
        AWARD_NOTICE = "award_notice", "中标公告"
        SYNCED = "synced", "项目同步"

    name = models.CharField(max_length=300)
    number = models.CharField(max_length=80, blank=True)  # 招标编号 or 标段编号, as printed
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OTHER)
    region_code = models.CharField(max_length=12, blank=True)
    site = models.CharField(max_length=200, blank=True)
    estimate_amount = models.BigIntegerField(null=True)  # 招标项目估算价: the base of the bid guarantee's cap
    estimate_source = models.CharField(max_length=120, blank=True)  # where it was read: "招标文件第 3 页"
    award_amount = models.BigIntegerField(null=True)  # 中标合同金额: the base of the performance guarantee's cap
    award_source = models.CharField(max_length=120, blank=True)
    opens_at = models.DateTimeField(null=True)  # 开标时间, which is also when bids close (招标投标法 34)
    contract_amount = models.BigIntegerField(
        null=True
    )  # 施工合同价款: what wage and payment guarantees are counted from
    contract_source = models.CharField(max_length=120, blank=True)
    settlement_amount = models.BigIntegerField(null=True)  # 结算总额: the base of the quality guarantee's cap
    settlement_source = models.CharField(max_length=120, blank=True)
    advance_amount = models.BigIntegerField(null=True)  # 预付款
    advance_source = models.CharField(max_length=120, blank=True)
    regime = models.CharField(max_length=12, choices=Regime.choices, default=Regime.TENDER)
    bid_validity_days = models.PositiveIntegerField(null=True)
    contract_days = models.PositiveIntegerField(null=True)
    completed_on = models.DateField(null=True)  # 竣工验收: the defects period runs from here
    defects_months = models.PositiveIntegerField(null=True)  # 缺陷责任期
    labour_department = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # 人社部门
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="projects_bought")
    registered_by = models.ForeignKey(Organisation, models.PROTECT, related_name="projects_registered")
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.ENTERED)
    created_at = models.DateTimeField()

    objects: ClassVar[ProjectQuerySet] = ProjectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            # Per registrant, on purpose: a key over all of them would tell one bidder that another exists.
            models.UniqueConstraint(
                fields=["registered_by", "source", "number"], condition=~Q(number=""), name="project_number_once"
            ),
            models.CheckConstraint(
                condition=Q(estimate_amount=None) | Q(estimate_amount__gt=0), name="project_estimate_positive"
            ),
            models.CheckConstraint(
                condition=Q(award_amount=None) | Q(award_amount__gt=0), name="project_award_positive"
            ),
            models.CheckConstraint(
                condition=(Q(contract_amount=None) | Q(contract_amount__gt=0))
                & (Q(settlement_amount=None) | Q(settlement_amount__gt=0))
                & (Q(advance_amount=None) | Q(advance_amount__gt=0)),
                name="project_bases_positive",
            ),
            models.CheckConstraint(
                condition=~Q(state="awarded") | Q(award_amount__isnull=False), name="project_awarded_has_amount"
            ),
        ]
        indexes = [
            models.Index(fields=["registered_by", "-id"], name="project_registrant"),
            models.Index(fields=["region_code", "-id"], name="project_region"),
        ]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands in this project."""
        organisation = getattr(by, "organisation_id", None)
        return {"registrant"} if organisation is not None and organisation == self.registered_by_id else set()

    @property
    def secret_until(self) -> datetime | None:
        """Return until when its existence may betray a bidder: bid opening; None when it betrays nobody.

        Where the opening is not known yet, a year from entry: it is amended before any guarantee can be bought.
        """
        if self.state == self.AWARDED or self.registered_by_id == self.buyer_id:
            return None
        return self.opens_at or self.created_at.replace(year=self.created_at.year + 1)


class Party(models.Model):
    """An organisation's part in a project. The buyer stands on the project itself."""

    class Role(models.TextChoices):
        AGENCY = "agency", "招标代理"
        WINNER = "winner", "中标人"  # of a consortium, the lead
        CONSORTIUM_MEMBER = "consortium_member", "联合体成员"

    project = models.ForeignKey(Project, models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="project_parts")
    role = models.CharField(max_length=20, choices=Role.choices)
    order = models.PositiveSmallIntegerField(default=0)
    amount = models.BigIntegerField(null=True)  # 分: this party's own part, where the notice tells

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "organisation", "role"], name="party_once_per_role"),
            models.UniqueConstraint(fields=["project"], condition=Q(role="winner"), name="project_has_one_winner"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.get_role_display()}"
