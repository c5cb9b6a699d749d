"""What claims leave in a guarantee's dossier: the whole course for the guarantor, the papers for the inner parties."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from xinshu.archive.materials import written
from xinshu.archive.sides import GUARANTOR, INSIDE
from xinshu.claims.models import Demand
from xinshu.guarantees.materials import Material, register_material
from xinshu.guarantees.models import Guarantee


@register_material
def claims_of(guarantee: Guarantee, at: datetime) -> Iterator[Material]:
    """Yield demands with examination, notice, positions, payouts and recourse; injunctions; the papers presented.

    The department learns of a demand but not of its papers (claims/visibility.py), and the outer side of a dossier is
    beneficiary and department alike: it gets none of this. The beneficiary has its own papers on the claim's page.
    """
    for number, demand in enumerate(guarantee.demands.order_by("pk"), 1):
        course = written(_course(demand))
        title = _("索赔 %(n)s：单据审核、决定与付款") % {"n": number}
        yield Material(f"claims/{number:02d}.json", title, course, demand.presented_at, (GUARANTOR,))
        for paper in demand.papers.select_related("file__blob").order_by("pk"):
            path = f"claims/{number:02d}-{paper.pk}-{paper.file.name}"
            title = _("索赔 %(n)s 的单据") % {"n": number}
            yield Material(path, title, paper.file.blob, paper.file.uploaded_at, INSIDE)
    for number, injunction in enumerate(guarantee.injunctions.select_related("file__blob").order_by("pk"), 1):
        told = written(_row(injunction))
        yield Material(f"injunctions/{number:02d}.json", _("止付登记"), told, injunction.recorded_at, (GUARANTOR,))
        path = f"injunctions/{number:02d}-{injunction.file.name}"
        yield Material(path, _("止付裁定"), injunction.file.blob, injunction.recorded_at, (GUARANTOR,))


def _course(demand: Demand) -> dict[str, Any]:
    notice, recourse = getattr(demand, "notice", None), getattr(demand, "recourse", None)
    return {
        **_row(demand),
        "notice": _row(notice) if notice else None,
        "positions": [_row(one) for one in demand.positions.order_by("pk")],
        "payouts": [_row(one) for one in demand.payouts.order_by("pk")],
        "recourse": {**_row(recourse), "entries": [_row(one) for one in recourse.entries.order_by("pk")]}
        if recourse
        else None,
    }


def _row(row: models.Model) -> dict[str, Any]:
    """Return the columns of a row that say something outside this database: no keys of rows."""
    kept = [field for field in row._meta.concrete_fields if not field.primary_key and not field.is_relation]
    return {field.name: getattr(row, field.name) for field in kept}
