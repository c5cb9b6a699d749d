"""People at work while one of each part is killed, and the proof afterwards: `scripts/fleet.py --kill`.

Web process and worker die together, then Redis with one of the two buckets, then the database's primary, while only one
web process is left. Then web process and worker are started again, as their supervisor does, the old primary becomes a
standby, and the new primary dies. A standby is promoted by hand here, as an operator, Patroni or the cloud does it.

Accepted is what a browser was told: 2xx or a redirect. Each such act is written down by the client alone; afterwards
the database, the storage and the ledger are asked whether it is there, exactly once.
"""

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

PEOPLE = 6
PASSWORD = "xinshu-demo"  # noqa: S105  (made public on purpose)
BUYER, WINNER, GUARANTOR = "云州临港新区建设管理中心", "云州恒达路桥工程有限公司", "云州融信融资担保有限公司"
DRAINING = 180.0  # seconds
MOST = 400  # cases handed in, however fast the machine is
PAUSE = 0.5  # seconds until somebody who saw an error tries again
KILLS = (("web-b", "worker-b"), ("redis", "s3"), ("database",), ("database",))  # in this order, names of `_kill`
REPAIR = 2  # after this one of KILLS all but Redis and the bucket is brought back


class NotAccepted(Exception):
    """The browser was not told that its act was done; what became of it nobody knows."""


@dataclass
class Told:
    """What the clients saw, together."""

    requests: int = 0
    accepted: list[dict[str, Any]] = field(default_factory=list)
    moments: list[tuple[float, float]] = field(default_factory=list)  # of each accepted act: asked, answered
    errors: list[tuple[float, str]] = field(default_factory=list)  # when, what
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Kill:
    """What died together, struck and dead from when (monotonic seconds), until what came next."""

    names: tuple[str, ...]
    struck: float
    at: float
    said: str = ""
    until: float = float("inf")

    def told(self, told: Told) -> dict[str, Any]:
        """Return what people saw of it. An act counts when it was begun after the kill."""
        after = [answered for asked, answered in told.moments if asked >= self.at and answered < self.until]
        errors = Counter(word for at, word in told.errors if self.struck <= at < self.until)
        first = round(min(after) - self.at, 2) if after else None
        return {
            "killed": ", ".join(self.names), "accepted": len(after), "first_accepted_after_seconds": first,
            "errors": dict(errors),
        }  # fmt: skip


class Clerk:
    """One browser, signed in as the demo's applicant."""

    def __init__(self, url: str, told: Told, number: int) -> None:
        self.told, self.number, self.cases, self.finished, self.asked = told, number, 0, 0, 0.0
        self.browser = httpx.Client(base_url=url, timeout=30, headers={"Accept": "text/html"})
        self._ask("GET", "/sign-in/")
        answer = self._post("/sign-in/", {"username": "applicant", "password": PASSWORD})
        if "sign-in" in answer.headers.get("location", ""):
            raise NotAccepted("sign-in")

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        self.asked = time.monotonic()
        try:
            answer = self.browser.request(method, path, **options)
        except httpx.HTTPError as error:
            self._count(type(error).__name__)
            raise NotAccepted(path) from error
        if answer.status_code >= 400:
            self._count(f"{method} {answer.status_code}")
            raise NotAccepted(f"{path} {answer.status_code} {_words(answer.text)}")
        self._count()
        return answer

    def _count(self, error: str = "") -> None:
        at = time.monotonic()
        with self.told.lock:
            self.told.requests += 1
            self.told.slowest = max(self.told.slowest, at - self.asked)
            if error:
                self.told.errors.append((at, error))

    def _post(self, path: str, data: dict[str, Any], **files: Any) -> httpx.Response:
        token = self.browser.cookies.get("csrftoken", "")
        return self._ask("POST", path, data={**data, "csrfmiddlewaretoken": token}, files=files or None)

    def _did(self, what: str, **facts: Any) -> None:
        with self.told.lock:
            self.told.accepted.append({"what": what, **facts})
            self.told.moments.append((self.asked, time.monotonic()))

    def work(self) -> None:
        """Register a project with its award, apply for a guarantee with a file, hand it in."""
        self.cases += 1
        name = f"连续性演练 {self.number}-{self.cases}"
        self._ask("GET", "/projects/new/")
        given = {"name": name, "kind": "other", "buyer": BUYER, "region_code": "339900", "contract_days": "300"}
        address = self._post("/projects/new/", given).headers["location"]
        self._did("project", name=name)
        version = self._version(f"{address}award/")
        self._post(
            f"{address}award/",
            {"version": version, "winner": WINNER, "award_amount": "100,000", "award_source": "中标通知书"},
        )
        self._did("award", name=name)
        page = self._ask("GET", "/guarantees/new/").text
        house = re.search(rf'<option value="(\d+)"[^>]*>{GUARANTOR}', page)
        chosen = {"kind": "performance", "project": address.rstrip("/").rsplit("/", 1)[-1]}
        started = self._post("/guarantees/new/", {**chosen, "guarantor": house[1] if house else ""})
        reference = started.headers["location"].split("/")[2]
        self._did("draft", reference=reference)
        self._fill_in(reference)

    def _fill_in(self, reference: str) -> None:
        here = f"/guarantees/{reference}/apply/"
        page = self._ask("GET", f"{here}terms/").text
        shown = {name: _value(page, name) for name in ("version", "amount", "effective_on", "expires_on")}
        self._post(f"{here}terms/", shown)
        self._did("terms", reference=reference)
        version = self._version(f"{here}files/")
        text = f"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\n% {reference}\nstartxref\n9\n%%EOF\n"
        content = ("通知书.pdf", text.encode(), "application/pdf")
        self._post(f"{here}files/", {"version": version, "title": "中标通知书"}, file=content)
        self._did("file", reference=reference, content=text)
        version = self._version(f"{here}confirm/")
        self._post(f"{here}confirm/", {"version": version})
        self._did("submitted", reference=reference)
        self.finished += 1

    def _version(self, path: str) -> str:
        return _value(self._ask("GET", path).text, "version")


def _value(page: str, name: str) -> str:
    field = next((tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag), "")
    found = re.search(r'value="([^"]*)"', field)
    return found[1] if found else ""


def _words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())[:200]


def run(fleet: Any, seconds: int, replace_bucket: Callable[[], None]) -> int:
    """Load `fleet`, kill one of each part while at it, prove, print the figures; 0 when nothing was lost.

    `replace_bucket` starts the killed bucket again, empty: everything must come back into it from the other.
    """
    told, stop = Told(), threading.Event()
    clerks = [Clerk(fleet.url, told, number) for number in range(PEOPLE)]
    threads = [threading.Thread(target=_work_on, args=(clerk, stop), daemon=True) for clerk in clerks]
    began, kills = time.monotonic(), list[Kill]()
    for thread in threads:
        thread.start()
    for names in KILLS:
        stop.wait(seconds / (len(KILLS) + 1))
        kills.append(_kill(fleet, names))
        after = f"{kills[-1].at - began:.1f} s, {len(told.accepted)} acts accepted so far"
        print(f"killed -9: {', '.join(names)} after {after}{kills[-1].said}", flush=True)
        if len(kills) - 1 == REPAIR:
            stop.wait(seconds / (len(KILLS) + 1))
            kills[-1].until = time.monotonic()
            fleet.bring_back("b", "web", "worker")
            fleet.database.bring_back(next(node for node in fleet.database.nodes if node.server is None))
            print(f"brought back after {time.monotonic() - began:.1f} s: web-b, worker-b, a standby", flush=True)
    stop.wait(seconds / (len(KILLS) + 1))
    stop.set()
    for thread in threads:
        thread.join(60)
    loaded = time.monotonic() - began
    place = Path(fleet.folder) / "accepted.json"
    place.write_text(json.dumps(told.accepted))
    proof = json.loads(fleet.manage("scripts/fleet_kill.py", str(place)).splitlines()[-1])
    verdict = fleet.manage("manage.py", "verify", "--full").strip()
    print(verdict)
    replace_bucket()
    print(fleet.manage("manage.py", "mend_files").strip())
    for kill, following in pairwise(kills):
        kill.until = min(kill.until, following.at)
    after_each = [kill.told(told) for kill in kills]
    figures = {
        "seconds": round(loaded, 1),
        "requests": told.requests,
        "accepted": len(told.accepted),
        "after_each_kill": after_each,
        "errors_shown": dict(Counter(word for _at, word in told.errors)),
        "slowest_answer_seconds": round(told.slowest, 2),
        **proof,
    }
    print(json.dumps(figures, ensure_ascii=False))
    went_on = all(kill["accepted"] for kill in after_each)
    return 1 if proof["lost"] or proof["twice"] or proof["left_in_queue"] or not went_on else 0


def _kill(fleet: Any, names: tuple[str, ...]) -> Kill:
    struck = time.monotonic()
    if names != ("database",):
        for name in names:
            fleet.kill(name)
        return Kill(names, struck, time.monotonic())
    fleet.database.kill_primary()
    at = time.monotonic()
    primary = fleet.database.promote().name
    return Kill(names, struck, at, f"; standby {primary} promoted and followed after {time.monotonic() - at:.2f} s")


def _work_on(clerk: Clerk, stop: threading.Event) -> None:
    while not stop.is_set() and clerk.finished < MOST // PEOPLE:
        try:
            clerk.work()
        except NotAccepted as reason:
            print(f"not accepted, begun afresh: {reason}\n", end="")
            stop.wait(PAUSE)


# ── the proof, in a process of its own that knows the database ──


def prove(accepted: list[dict[str, Any]]) -> dict[str, Any]:
    """Wait until nothing is left to deliver, then look for every accepted act."""
    import django

    django.setup()
    from django.db.models import Count, Q

    from xinshu.core.clock import now
    from xinshu.ledger.models import Delivery, Entry
    from xinshu.ledger.sealing import seal

    def left() -> Any:
        """What is due or has failed; a delivery that waits for its hour (a digest, a reminder) is not left over."""
        open_ones = Delivery.objects.exclude(state="done")
        return open_ones.filter(Q(due_at__lte=now()) | Q(attempts__gt=0) | Q(state="parked"))

    waited = time.monotonic()
    while left().exists() and time.monotonic() - waited < DRAINING:
        time.sleep(0.2)
    drained = time.monotonic() - waited
    seal(now())
    later = Delivery.objects.exclude(state="done").values("reaction").annotate(n=Count("pk"))
    found = [(act, _times(act)) for act in accepted]
    return {
        "drained_in_seconds": round(drained, 1),
        "left_in_queue": left().count(),
        "waiting_for_their_hour": {row["reaction"].rsplit(".", 1)[-1]: row["n"] for row in later},
        "deliveries": Delivery.objects.count(),
        "entries": Entry.objects.count(),
        "kinds": dict(Counter(act["what"] for act in accepted)),
        "lost": [act for act, times in found if times == 0],
        "twice": [act for act, times in found if times > 1],
    }


def _times(act: dict[str, Any]) -> int:
    """Return how often an accepted act is to be found: by its row, its entry in the ledger, its bytes in storage."""
    from xinshu.core.sm import sm3
    from xinshu.documents.blobs import read_blob
    from xinshu.documents.models import File
    from xinshu.guarantees.models import Guarantee
    from xinshu.ledger.models import Entry
    from xinshu.projects.models import Project

    def told(kind: str, case: Any) -> int:
        about = Entry.objects.filter(kind=kind, subject_type=case._meta.label_lower, subject_id=case.pk)
        return about.count()

    if act["what"] in {"project", "award"}:
        projects = list(Project.objects.filter(name=act["name"]))
        if len(projects) != 1:
            return len(projects)
        return told("project.registered" if act["what"] == "project" else "project.awarded", projects[0])
    case = Guarantee.objects.filter(reference=act["reference"]).first()
    if case is None:
        return 0
    if act["what"] == "draft":
        return 1
    if act["what"] == "terms":
        return 1 if case.amount else 0
    if act["what"] == "file":
        content = act["content"].encode()
        kept = list(File.objects.filter(blob__sm3=sm3(content).hex()))
        whole = [file for file in kept if read_blob(file.blob) == content]
        attached = case.attachments.filter(file__in=whole).count()
        return max(len(whole), attached) if whole and attached else 0
    # Handed in: written once, and what follows (the automatic review) has happened.
    return told("guarantee.submitted", case) if case.state not in {"draft", "submitted"} else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    print(json.dumps(prove(json.loads(Path(sys.argv[1]).read_text())), ensure_ascii=False))
