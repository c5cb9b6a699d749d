"""What the operations page asks."""

import http.client
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F, FloatField, Max, Sum
from django.db.models.functions import Cast

from xinshu.operations.models import PageTime

HOUR = timedelta(hours=1)
SHOWN = 10


@dataclass(frozen=True)
class SlowPage:
    """One page over the last hour, all web processes together."""

    view: str
    count: int
    mean_ms: int
    longest_ms: int
    failed: int


def slowest_pages() -> list[SlowPage]:
    """Return the pages with the longest mean time in the last hour (by the machine's own clock)."""
    found = (
        PageTime.objects.filter(slot__gte=datetime.now(UTC) - HOUR)
        .exclude(view__startswith="interface:")  # interfaces.py
        .values("view")
        .annotate(n=Sum("count"), longest=Max("longest_ms"), broken=Sum("failed"), total=Sum("total_ms"))
        .annotate(mean=Cast(F("total"), FloatField()) / F("n"))
        .order_by("-mean", "view")[:SHOWN]
    )
    return [SlowPage(row["view"], row["n"], round(row["mean"]), row["longest"], row["broken"]) for row in found]


def live_streams() -> int | None:
    """Ask the live process of this machine how many streams are open; None when it does not answer."""
    asked = http.client.HTTPConnection("127.0.0.1", settings.LIVE_PORT, timeout=0.3)
    try:
        asked.request("GET", "/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
        answer = asked.getresponse()
        lines = answer.read(4096).decode() if answer.status == 200 else ""
        return next(
            (int(line.split()[1]) for line in lines.splitlines() if line.startswith("xinshu_live_streams ")), None
        )
    except (OSError, http.client.HTTPException, ValueError, IndexError):
        return None
    finally:
        asked.close()
