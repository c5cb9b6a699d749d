"""What is: the instrument with its payments and checks (instrument.py), and what may happen to it while it lives
(changes.py)."""

from xinshu.guarantees.authorities.models import AuthorityDraft
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.favour.models import CustomerTier, FavourPlan
from xinshu.guarantees.models.changes import Amendment, ClaimTail, ContractChange, Reduction, Surrender
from xinshu.guarantees.models.closures import Closure, Prolonging
from xinshu.guarantees.models.handling import Decision, PaperRequest, RelatedParties, TransferSlip
from xinshu.guarantees.models.instrument import (
    NEVER,
    PARTIES,
    Attachment,
    Authority,
    Guarantee,
    GuaranteeQuerySet,
    Payment,
    PublicCheck,
)
from xinshu.guarantees.models.returns import FeeReturn
from xinshu.guarantees.models.saved import SavedView
from xinshu.guarantees.origins.models import Origin
from xinshu.guarantees.products.models import Product
from xinshu.guarantees.tariffs.models import Tariff, TariffDraft
from xinshu.guarantees.types.models import TypeVersion
from xinshu.guarantees.wordings.models import Wording

__all__ = [
    "NEVER",
    "PARTIES",
    "Amendment",
    "Attachment",
    "Authority",
    "AuthorityDraft",
    "Batch",
    "BatchRow",
    "ClaimTail",
    "Closure",
    "ContractChange",
    "CustomerTier",
    "Decision",
    "FavourPlan",
    "FeeReturn",
    "Guarantee",
    "GuaranteeQuerySet",
    "Origin",
    "PaperRequest",
    "Payment",
    "Product",
    "Prolonging",
    "PublicCheck",
    "Reduction",
    "RelatedParties",
    "SavedView",
    "Surrender",
    "Tariff",
    "TariffDraft",
    "TransferSlip",
    "TypeVersion",
    "Wording",
]
