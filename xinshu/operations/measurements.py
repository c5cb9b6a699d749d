"""What a measuring program reads: requests of all web processes of this machine, and the state of the house.

Every process writes its numbers into files of one folder (prometheus_client's multi-process mode), so that whichever
process answers tells of all of them.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

FOLDER = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(Path(settings.DATA) / "metrics")))

from prometheus_client import CollectorRegistry, Histogram, generate_latest  # noqa: E402  (reads the variable above)
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

from xinshu.core.clock import now  # noqa: E402
from xinshu.operations.interfaces import Pages, interfaces, modules, pages_seen  # noqa: E402
from xinshu.operations.state import house  # noqa: E402

FOLDER.mkdir(parents=True, exist_ok=True)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUESTS = Histogram(
    "xinshu_request_seconds", "Time to answer, by page", ["view", "method", "status"], buckets=BUCKETS, registry=None
)


def measured(view: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(view, method, str(status)).observe(seconds)


def forget() -> None:
    """Throw away what processes of an earlier start have counted."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)


class _House(Collector):
    """The state of the house at the moment of asking: a handful of indexed queries."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = house(now())
        deliveries = GaugeMetricFamily(
            "xinshu_deliveries", "Deliveries by state; failing ones are among the waiting", labels=["state"]
        )
        for state, count in (("waiting", found.waiting), ("failing", found.failing), ("parked", found.parked)):
            deliveries.add_metric([state], count)
        yield deliveries
        for name, text, value in (
            ("xinshu_delivery_oldest_waiting_seconds", "Age of the delivery that has been due longest", found.oldest),
            ("xinshu_ledger_sealed_entries", "Entries in the tree", found.sealed),
            ("xinshu_ledger_refused_entries", "Entries that the sealer refused", found.refused),
            ("xinshu_ledger_sealing_lag_seconds", "Age of the oldest entry not sealed yet", found.sealing_lag),
            ("xinshu_workers_alive", "Workers whose heartbeat is fresh", len(found.workers)),
            ("xinshu_database_bytes", "Size of the database", found.database_bytes),
            ("xinshu_disk_free_bytes", "Free space where the data folder lies", found.disk_free),
            ("xinshu_disk_bytes", "Space where the data folder lies", found.disk_total),
            ("xinshu_backup_age_seconds", "Age of the last backup; absent before the first", found.backup_age),
        ):
            if value is not None:
                yield GaugeMetricFamily(name, text, value=float(value))
        pages = pages_seen()
        yield from _modules(pages)
        yield from _interfaces(pages)


def _modules(seen: Pages) -> Iterator[GaugeMetricFamily]:
    pages = GaugeMetricFamily("xinshu_module_pages", "Pages in the last hour, by module", labels=["module"])
    failed = GaugeMetricFamily("xinshu_module_pages_failed", "Those that broke", labels=["module"])
    open_ones = GaugeMetricFamily(
        "xinshu_module_deliveries", "Deliveries by module and state", labels=["module", "state"]
    )
    for module in modules(seen):
        pages.add_metric([module.code], module.pages)
        failed.add_metric([module.code], module.failed)
        for state in ("waiting", "failing", "parked"):
            open_ones.add_metric([module.code, state], getattr(module, state))
    yield from (pages, failed, open_ones)


def _interfaces(seen: Pages) -> Iterator[GaugeMetricFamily]:
    up = GaugeMetricFamily("xinshu_interface_up", "0 when the last call or question failed", labels=["interface"])
    calls = GaugeMetricFamily("xinshu_interface_calls", "Latest calls, at most a day back", labels=["interface"])
    failed = GaugeMetricFamily("xinshu_interface_calls_failed", "Those that failed", labels=["interface"])
    seconds = GaugeMetricFamily("xinshu_interface_seconds", "Mean time of those that worked", labels=["interface"])
    for interface in interfaces(seen):
        up.add_metric([interface.code], float(interface.up))
        calls.add_metric([interface.code], interface.calls)
        failed.add_metric([interface.code], interface.failed)
        if interface.mean_ms is not None:
            seconds.add_metric([interface.code], interface.mean_ms / 1000)
    yield from (up, calls, failed, seconds)


def exposition() -> bytes:
    """Return everything in Prometheus' text format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(FOLDER))
    registry.register(_House())
    return generate_latest(registry)
