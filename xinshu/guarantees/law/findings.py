"""What a review is given and what it answers: the shapes shared by review.py, periods.py and compliance.py."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from xinshu.guarantees.law.legal import TENDER
from xinshu.guarantees.letters.wording import Fault

MEETS, FAILS, UNKNOWN = "meets", "fails", "unknown"
SUBMISSION, APPROVAL = "submission", "approval"


@dataclass(frozen=True)
class Facts:
    """What is known of an application on the day of review. Amounts in 分; None is "not known", never zero."""

    kind: str
    amount: int
    base_amount: int | None
    base_source: str
    effective_on: date | None
    expires_on: date | None
    opens_at: datetime | None
    bid_validity_days: int | None
    contract_days: int | None
    applicant_verified: bool
    missing_fields: tuple[str, ...]
    stale_fields: tuple[str, ...]
    line_available: int | None
    line_bound_by: str = field(default="", kw_only=True)  # a limit narrower than the line, in words
    auto_limit: int | None  # 分 that the authority table lets pass without a person; None: no row for this applicant
    waived: tuple[str, ...] = ()  # rules whose "unknown" the authority table accepts for such applicants
    wording_faults: tuple[Fault, ...] = ()
    kind_number: int = 0  # the version of the type; 0: the present one
    regime: str = TENDER
    completed_on: date | None = None
    defects_months: int | None = None
    performance_amount: int | None = (
        None  # 分 of the project's performance guarantees in force, as the parties know them
    )
    missing_documents: tuple[str, ...] = ()
    missing_extras: tuple[str, ...] = ()  # required fields of the type that nobody filled in
    issuer_kind: str = ""  # Organisation.Kind of the guarantor: in which form the deposit is given
    auto_because: str = ""  # the favour that widened auto_limit, in words


@dataclass(frozen=True)
class Finding:
    """One rule's answer: what it asked, what it found, on what evidence."""

    rule: str
    label: str
    verdict: str
    message: str
    source: str = ""
    stops: str = ""
    waived: bool = False
    origin: str = ""  # the data source that said it (sources.py); "": one of this room's own, by the rule's name
    seen: Any = field(default=None, compare=False, repr=False)  # what the source looked at, for it to keep (sources.py)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "seen"}
