"""A house with a committee for the tests: people with roles, a kind of case of its own (the case is any row)."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xinshu.accounts.models import Member, Organisation, User
from xinshu.work.actions.approvals import start_approval
from xinshu.work.cases import CaseKind, Fact, PastCase
from xinshu.work.models import Approval, ApprovalPlan
from xinshu.work.plan import Level

TWO = (
    Level("1", "复审", "role:reviewer", apart="四眼", judges=("amount",), working_days=2),
    Level("2", "分管", "role:director", above=100, apart="四眼", working_days=1),
)
PAST: list[PastCase] = []
JUDGED: dict[int, dict[str, Any]] = {}  # what is true of a case now
TOY = CaseKind(
    code="toy",
    label="试验业务",
    signs="guarantees.review",
    keeps="guarantees.apply",
    facts={"verified": Fact("已核验", ((True, "是"), (False, "否")))},
    scopes={"amount": ("只对金额", ("amount",))},
    usual_levels=TWO,
    escalates_to="role:director",
    todos=lambda member, at, limit: [],
    waiting=lambda member, at: [],
    agenda=lambda member, at, since, until: [],
    papers=lambda member, at, text: None,
    past=lambda organisation, limit: PAST,
    judged=lambda case: JUDGED.get(case.pk, {}),
    case_of=lambda pk: Organisation.objects.get(pk=pk),
    link=lambda case: f"/cases/{case.pk}/",
    words=lambda case: str(case),
    sealed_until=lambda case: None,
)


@dataclass
class House:
    """One organisation, its people by name, and cases before its committee."""

    at: datetime
    name: str = "云州融信融资担保有限公司"
    people: dict[str, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.organisation = Organisation.objects.create(name=self.name, kind="guarantor")

    def member(self, name: str, *roles: str) -> Member:
        user = User.objects.create(username=f"u{secrets.token_hex(5)}", name=name)
        self.people[name] = Member.objects.create(user=user, organisation=self.organisation, roles=list(roles))
        return self.people[name]

    def plan(self, *levels: Level) -> ApprovalPlan:
        """Put these levels into use, as the platform would."""
        return ApprovalPlan.objects.create(
            organisation=self.organisation, kind="toy", number=1, levels=[level.as_json() for level in levels],
            escalates_to="role:director", state="active", drafted_at=self.at, activated_at=self.at,
        )  # fmt: skip

    def case(self) -> Organisation:
        return Organisation.objects.create(name=f"业务{secrets.token_hex(3)}", kind="enterprise")

    def start(self, case: Organisation, *, keepers: tuple[Member, ...] = (), **facts: Any) -> Approval:
        from xinshu.core.actors import SYSTEM

        return start_approval(
            case, organisation=self.organisation, kind="toy", facts={"amount": 500, **facts},
            keepers=[keeper.user_id for keeper in keepers], by=SYSTEM, at=self.at,
        )  # fmt: skip
