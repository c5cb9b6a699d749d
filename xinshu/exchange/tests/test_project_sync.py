"""Projects both ways: what sources send is taken once and never backwards; what we send counts by its receipt."""

import json
from collections import Counter
from datetime import timedelta

import pytest

from xinshu.accounts.models import Organisation
from xinshu.core.clock import moved_to
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.exchange.actions import submissions as acts
from xinshu.exchange.models import Arrival, Difference, ProjectMessage, ProjectRecord, Try
from xinshu.exchange.projects.comparing import keep_ours, set_rules, take_theirs
from xinshu.exchange.projects.receiving import register_from, settle_conflict, take_delivery
from xinshu.exchange.receiving import take_envelope
from xinshu.exchange.sandbox.centre import Centre
from xinshu.exchange.sandbox.server import serving
from xinshu.exchange.tests.conftest import KEY, USCC, Receivers
from xinshu.guarantees.tests.systems import System
from xinshu.ledger.models import Delivery, Entry
from xinshu.messaging.models import Notice
from xinshu.projects.actions import AlreadyRegistered, amend_project, record_award, register_project
from xinshu.projects.models import Project

NUMBER = "YZ2026-0201-03"
FACTS = {
    "number": NUMBER, "name": "白鹭洲污水处理厂扩建工程三标段", "buyer": "云州临港新区建设管理中心",
    "region_code": "990103", "kind": "municipal", "estimate_amount": 36_000_000_00,
    "opens_at": "2026-12-20T02:00:00Z", "bid_validity_days": 90,
}  # fmt: skip
OPENING = timedelta(days=29)


@pytest.fixture
def send(city, at):
    """Let the department's system tell of its project, and the worker do what follows."""

    def tell(version, facts=None, *, external="XM-1", withdrawn=False, by=None, work=True, **changes):
        said = {} if withdrawn else (facts or FACTS) | changes
        taken = take_delivery(external, version, said, withdrawn=withdrawn, by=by or city.department, at=at)
        if work:
            follow(at)
        return taken

    return tell


def follow(at, hours=0):
    from xinshu.ledger.worker import drain

    with moved_to(at + timedelta(hours=hours, minutes=5)):
        drain(at=at + timedelta(hours=hours, minutes=5))


@pytest.fixture
def typed(city, at):
    """Register the same lot by hand, with another estimate and another opening."""

    def register(by=None, **facts):
        usual = {
            "name": FACTS["name"],
            "number": NUMBER,
            "buyer": FACTS["buyer"],
            "region_code": "990103",
            "kind": "municipal",
            "estimate_amount": 35_000_000_00,
            "estimate_source": "招标公告",
            "opens_at": at + OPENING,
            "bid_validity_days": 90,
        }
        made = register_project(**(usual | facts), by=by or city.applicant, at=at)
        follow(at)
        return made

    return register


def differing(project, state="open"):
    return sorted(Difference.objects.filter(project=project, state=state).values_list("field", flat=True))


# what comes


def test_a_repeated_delivery_is_answered_alike_and_changes_nothing(send):
    first = send(1)
    entries = Entry.objects.count()

    again = send(1)

    assert (first.outcome, again.outcome, again.arrival.receipt) == ("taken", "repeated", first.arrival.receipt)
    assert (Entry.objects.count(), Arrival.objects.get().times) == (entries, 2)


def test_an_older_version_is_answered_and_does_not_overwrite(send):
    send(3, name="白鹭洲污水处理厂扩建工程三标段（更正）")

    late = send(2)

    assert late.outcome == "older"
    assert (late.record.version, late.record.name) == (3, "白鹭洲污水处理厂扩建工程三标段（更正）")


def test_two_contents_of_one_version_stand_side_by_side_until_a_person_of_the_source_decides(send, city, at):
    send(1)
    other = send(1, estimate_amount=99_000_000_00)
    assert (other.outcome, other.record.facts["estimate_amount"]) == ("conflict", FACTS["estimate_amount"])
    assert Notice.objects.filter(member=city.department, text__contains="两份不同内容").exists()
    with pytest.raises(NotPermitted):
        settle_conflict(other.arrival, adopt=True, by=city.other_department, at=at)

    settle_conflict(other.arrival, adopt=True, by=city.department, at=at)

    assert ProjectRecord.objects.get().facts["estimate_amount"] == 99_000_000_00
    assert send(1, estimate_amount=99_000_000_00).outcome == "repeated"
    with pytest.raises(NotNow):
        settle_conflict(other.arrival, adopt=False, by=city.department, at=at)


def test_what_was_overtaken_meanwhile_is_not_adopted(send, city, at):
    send(1)
    other = send(1, estimate_amount=1)
    send(2)

    with pytest.raises(Changed):
        settle_conflict(other.arrival, adopt=True, by=city.department, at=at)


def test_a_withdrawal_is_a_version_too_and_a_newer_one_brings_the_project_back(send):
    send(1)
    gone = send(2, withdrawn=True)
    late = send(1, name="迟到的旧版本，不应覆盖")
    back = send(3)

    assert [gone.record.withdrawn, late.outcome, back.record.withdrawn] == [True, "older", False]
    assert gone.record.name == FACTS["name"]


def test_only_departments_send_and_only_what_they_supervise(send, city):
    with pytest.raises(NotPermitted):
        send(1, by=city.applicant)
    with pytest.raises(Invalid) as refusal:
        send(1, region_code="990203")

    assert list(refusal.value.fields) == ["region_code"]
    assert not ProjectRecord.objects.exists()


# beside what people typed


def test_differences_stand_side_by_side_and_nothing_typed_is_overwritten(send, typed, city):
    project = typed()
    send(1)

    project.refresh_from_db()
    assert project.estimate_amount == 35_000_000_00
    assert differing(project) == ["estimate_amount", "opens_at"]
    row = Difference.objects.get(field="estimate_amount")
    assert (row.theirs, row.ours) == (36_000_000_00, 35_000_000_00)
    assert Notice.objects.filter(member=city.applicant, text__contains="2 项与您登记的不同").count() == 1


def test_a_person_takes_one_and_keeps_the_other_and_is_asked_again_only_about_something_new(send, typed, city, at):
    project = typed()
    send(1)
    estimate, opening = (Difference.objects.get(field=name) for name in ("estimate_amount", "opens_at"))

    take_theirs(estimate, by=city.applicant, at=at)
    keep_ours(opening, by=city.applicant, at=at)
    follow(at, 1)

    project.refresh_from_db()
    assert (project.estimate_amount, project.estimate_source) == (
        36_000_000_00,
        "云州市住房和城乡建设局同步（第 1 版）",
    )
    assert (differing(project), differing(project, "taken"), differing(project, "kept")) == (
        [],
        ["estimate_amount"],
        ["opens_at"],
    )
    send(2, site="白鹭洲路 1 号", opens_at=FACTS["opens_at"])
    assert differing(project) == ["site"]
    send(3, opens_at="2026-12-25T02:00:00Z")
    assert differing(project) == ["opens_at"]
    old = Entry.objects.get(kind="project.amended", subject_id=project.pk)
    assert old.data["changes"]["estimate_amount"] == [35_000_000_00, 36_000_000_00]


def test_only_the_registrant_decides(send, typed, city, at):
    typed()
    send(1)

    for other in (city.rival, city.department, city.operator):
        with pytest.raises(NotPermitted):
            take_theirs(Difference.objects.get(field="estimate_amount"), by=other, at=at)


def test_a_rule_says_which_side_wins_per_source_and_field(send, typed, city, at):
    project = typed()
    source = city.department.organisation
    set_rules(source, {"estimate_amount": "theirs", "name": "ours", "opens_at": "theirs"}, by=city.applicant, at=at)

    send(1, name="对方改过的项目名称")

    project.refresh_from_db()
    assert (project.estimate_amount, project.name) == (36_000_000_00, FACTS["name"])
    assert (differing(project, "taken"), differing(project, "kept")) == (["estimate_amount"], ["name"])
    assert Entry.objects.get(kind="project.amended").actor_key == "system"
    assert differing(project) == ["opens_at"]  # no rule brings a secret project to light early


def test_a_rule_made_later_decides_what_already_waits(send, typed, city, at):
    project = typed()
    send(1)

    set_rules(city.department.organisation, {"estimate_amount": "theirs"}, by=city.applicant, at=at)

    assert differing(project) == ["opens_at"]


def test_a_difference_ends_when_both_say_the_same_or_the_source_withdraws(send, typed, city, at):
    project = typed()
    send(1)
    amend_project(Project.objects.get(pk=project.pk), estimate_amount=36_000_000_00, by=city.applicant, at=at)
    follow(at, 1)
    assert differing(project) == ["opens_at"]

    send(2, withdrawn=True)

    assert differing(project, "settled") == ["estimate_amount", "opens_at"]


def test_the_award_of_a_source_is_taken_by_a_person(send, typed, city, at):
    project = typed(opens_at=at - timedelta(hours=1))
    award = {"winner": "云州恒达路桥工程有限公司", "members": [], "amount": 34_000_000_00}
    send(1, opens_at="2026-11-21T01:40:00Z", award=award)

    take_theirs(Difference.objects.get(field="award"), by=city.applicant, at=at)

    project.refresh_from_db()
    assert (project.state, project.award_amount) == ("awarded", 34_000_000_00)


def test_a_source_s_project_is_registered_by_whoever_needs_it_once(send, city, at):
    found = send(1).record

    made = register_from(found, by=city.applicant, at=at)
    other = register_from(found, by=city.rival, at=at)
    follow(at, 1)

    assert (made.source, made.number, made.estimate_amount) == ("synced", NUMBER, 36_000_000_00)
    assert made.pk != other.pk  # two bidders' entries know nothing of each other
    assert not Difference.objects.exists()
    with pytest.raises(AlreadyRegistered):
        register_from(found, by=city.applicant, at=at)


def test_the_source_learns_nothing_of_who_registered_its_lot(send, typed, city, browser_of):
    project = typed()
    found = send(1).record
    set_of = Entry.objects.filter(kind__startswith="difference.")

    page = browser_of(city.department).get(f"/project-sync/records/{found.reference}/").content.decode()

    for secret in (project.reference, city.applicant.organisation.name, "35,000,000.00"):
        assert secret not in page
    assert set_of.exists()
    assert all(entry.sealed_until == project.opens_at for entry in set_of)
    for other in (city.department, city.rival, city.beneficiary):
        assert not Difference.objects.visible_to(other).exists()


# what goes


class Centres(Receivers):
    """The department's project system beside the others."""

    def open_projects(self, *moods, delay=0.0):
        self.projects = Centre(KEY, self.iso.platform, clock=lambda: self.moment, moods=list(moods) or ["good"])
        self.serving = serving(self.projects, delay=delay)
        url = self.serving.__enter__()
        self.settings.EXCHANGE = [
            {"code": "yz-xm", "name": "云州项目库", "uscc": USCC, "adapter": "projects", "url": url,
             "public_key": KEY.public_hex, "sealed": False},
        ]  # fmt: skip
        return self

    def work(self, minutes=30):
        self.moment = self.city.at + timedelta(minutes=minutes)
        with moved_to(self.moment):
            return super().work(minutes)

    def receipts(self):
        """Hand over what the centre tells on its own."""
        while self.projects.outbox:
            take_envelope("yz-xm", json.dumps(self.projects.outbox.pop(0)), at=self.moment)

    @property
    def told(self):
        return [(row.event, row.state, row.number) for row in ProjectMessage.objects.order_by("lot", "number")]


@pytest.fixture
def centre(city, settings):
    made = Centres(city, settings)
    yield made
    if hasattr(made, "serving"):
        made.serving.__exit__(None, None, None)


@pytest.fixture
def public(city, at):
    """Register a project in the buyer's own name: it betrays nobody."""

    def register(**facts):
        usual = {
            "name": FACTS["name"],
            "number": NUMBER,
            "buyer": city.beneficiary.organisation,
            "region_code": "990103",
            "kind": "municipal",
            "estimate_amount": 1_000_000_00,
            "estimate_source": "立项批复",
        }
        return register_project(**(usual | facts), by=city.beneficiary, at=at)

    return register


def test_new_and_changed_projects_reach_the_receiver_in_order_and_count_by_the_receipt(centre, public, city, at):
    centre.open_projects()
    project = public()
    project = amend_project(project, site="港城路 188 号", by=city.beneficiary, at=at)
    record_award(project, winner=city.applicant.organisation, amount=900_000_00, award_source="中标通知书",
                 by=city.beneficiary, at=at)  # fmt: skip

    centre.work()

    states = [("project_new", "submitted", 1)]
    assert centre.told[:1] == states
    [line] = centre.projects.memory["projects"].values()
    assert [one["number"] for one in line] == list(range(1, len(line) + 1))
    assert line[-1]["content"]["award"]["amount"] == 900_000_00
    assert all(row.counts and row.receipt.startswith("XMHZ-") for row in ProjectMessage.objects.all())


def test_nothing_counts_before_the_receipt_and_the_next_one_waits_for_it(centre, public, city, at):
    centre.open_projects("later", "good")
    project = public()
    centre.work(10)
    amend_project(project, site="港城路 188 号", by=city.beneficiary, at=at + timedelta(minutes=11))
    centre.work(15)
    assert centre.told == [("project_new", "sent", 1), ("project_changed", "waiting", 2)]

    centre.receipts()
    centre.work(20)

    assert centre.told == [("project_new", "submitted", 1), ("project_changed", "submitted", 2)]


def test_a_refusal_stops_the_line_until_the_registrant_has_dealt_with_it(centre, public, city, at):
    centre.open_projects("refuse", "good")
    project = public()
    centre.work(10)
    [row] = ProjectMessage.objects.all()
    assert (row.state, row.answer) == ("returned", "沙箱按要求拒绝")
    assert Notice.objects.filter(member=city.beneficiary, text__contains="被云州项目库退回").exists()
    amend_project(project, site="港城路 188 号", by=city.beneficiary, at=at)
    centre.work(12)
    assert [state for _event, state, _number in centre.told] == ["returned", "waiting"]

    acts.resend(row, by=city.beneficiary, at=at + timedelta(minutes=13))
    centre.work(20)

    assert [state for _event, state, _number in centre.told] == ["submitted", "submitted"]


def test_receipts_that_come_twice_change_nothing(centre, public):
    centre.open_projects("duplicate")
    public()
    centre.work()
    entries = Counter(Entry.objects.values_list("kind", flat=True))

    centre.receipts()

    assert centre.told == [("project_new", "submitted", 1)]
    assert Counter(Entry.objects.values_list("kind", flat=True)) == entries


@pytest.mark.parametrize("mood", ["broken", "garbage", "wrong_signature", "wrong_question"])
def test_an_answer_that_cannot_be_believed_is_no_receipt_and_the_message_goes_again(centre, public, mood):
    centre.open_projects(mood, "good")
    public()
    centre.work(30)
    assert centre.told == [("project_new", "waiting", 1)]

    centre.work(90)

    assert centre.told == [("project_new", "submitted", 1)]
    assert list(Try.objects.order_by("pk").values_list("outcome", flat=True)) == ["failed", "submitted"]
    assert [len(line) for line in centre.projects.memory["projects"].values()] == [1]


def test_the_same_again_is_not_sent_again(centre, public, city, at):
    centre.open_projects()
    project = public(labour_department="云州市人力资源和社会保障局")
    centre.work(10)

    amend_project(project, labour_department=None, by=city.beneficiary, at=at)  # no fact that travels
    centre.work(20)

    assert len(centre.told) == 1


def test_nobody_is_sent_the_echo_of_what_they_told(centre, public, city, at):
    centre.open_projects()
    facts = {**FACTS, "estimate_amount": 1_000_000_00, "regime": "tender"}
    facts.pop("opens_at"), facts.pop("bid_validity_days")
    take_delivery("XM-9", 1, facts, withdrawn=False, by=city.department, at=at)

    public()
    centre.work()

    assert centre.told == []


def test_before_the_opening_nothing_leaves_of_what_bidders_registered(centre, typed, city, at):
    centre.open_projects()
    for bidder in (city.applicant, city.rival):
        typed(by=bidder)

    centre.work(30)
    assert (centre.told, centre.projects.times) == ([], 0)
    centre.work(OPENING.total_seconds() / 60 + 30)

    [line] = centre.projects.memory["projects"].values()
    assert len(line) == 1  # of two registrations one speaks: how many there were, nobody learns
    told = json.dumps(line, ensure_ascii=False)
    for house in (city.applicant.organisation, city.rival.organisation):
        assert house.name not in told
    assert not any(project.reference in told for project in Project.objects.all())


def test_an_opening_that_is_put_off_puts_off_the_message(centre, typed, city, at):
    centre.open_projects()
    project = typed()
    later = at + 2 * OPENING
    amend_project(Project.objects.get(pk=project.pk), opens_at=later, by=city.applicant, at=at)

    centre.work((OPENING.total_seconds() + 3600) / 60)

    assert centre.told == []
    assert Delivery.objects.filter(reaction__endswith="tell_of_project", state="waiting").exists()


# the interface


@pytest.mark.req("EP-13")
def test_a_department_s_system_sends_repeats_and_mixes_up_and_both_sides_end_alike(centre, city, clock, browser_of, at):
    """EP-13 whole: both ways over the real doors, idempotent."""
    city.department.organisation.uscc = USCC
    city.department.organisation.save(update_fields=["uscc"])
    system = System.of(city.department, city.colleague(city.department, "orgadmin"), city.at)
    project = {"name": FACTS["name"], "number": NUMBER, "buyer": FACTS["buyer"], "region_code": "990103",
               "kind": "municipal", "estimate": {"amount": "36000000.00"}, "opens_at": FACTS["opens_at"]}  # fmt: skip

    def deliver(version, **changes):
        told = {"id": "XM-7", "version": version, "project": {**project, **changes}}
        answer = system.post("/api/v1/project-records", told)
        assert answer.status_code == 200, answer.content
        return answer.json()

    outcomes = [deliver(2, site="二版地址")["outcome"], deliver(1)["outcome"], deliver(2, site="二版地址")["outcome"],
                deliver(2, site="另一个地址")["outcome"], deliver(3, site="三版地址")["outcome"]]  # fmt: skip
    assert outcomes == ["taken", "older", "repeated", "conflict", "taken"]
    [kept] = system.get("/api/v1/project-records").json()["items"]
    assert (kept["version"], kept["facts"]["site"]) == (3, "三版地址")

    browser = browser_of(city.beneficiary)
    record = ProjectRecord.objects.get()
    answer = browser.post(f"/project-sync/records/{record.reference}/register/", {"seen": "3"})
    made = Project.objects.get()
    assert answer.url == f"/projects/{made.reference}/"
    centre.open_projects("later")
    amend_project(made, site="四版地址", by=city.beneficiary, at=at)
    centre.work(70)
    [told] = system.get("/api/v1/project-messages").json()["items"]
    assert (told["state"], told["content"]["site"]) == ("sent", "四版地址")
    path = f"/api/v1/project-messages/{told['reference']}"
    done = system.post(f"{path}/actions/receipt", {"version": told["version"], "receipt": "项目库-8"}).json()
    assert (done["state"], done["receipt"]) == ("submitted", "项目库-8")
    assert system.get(path).json()["state"] == "submitted"
    deliver(4, site="四版地址")
    centre.work(80)
    assert not Difference.objects.filter(state="open").exists()


@pytest.mark.parametrize(
    "told",
    [{}, {"id": "A", "version": 1}, {"id": "A", "version": 0, "withdrawn": True},
     {"id": "A", "version": 1, "project": {}}, {"id": "A\u0000", "version": 1, "withdrawn": True},
     {"id": "A", "version": 2**40, "withdrawn": True}],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_kept(city, clock, told):
    system = System.of(city.department, city.colleague(city.department, "orgadmin"), city.at)

    assert system.post("/api/v1/project-records", told).status_code in (400, 422)
    assert not ProjectRecord.objects.exists()


def test_another_department_finds_nothing_of_it(city, clock, send):
    found = send(1).record
    system = System.of(city.other_department, city.colleague(city.other_department, "orgadmin"), city.at)

    assert system.get("/api/v1/project-records").json()["items"] == []
    assert system.get(f"/api/v1/project-records/{found.reference}").status_code == 404
    assert Organisation.objects.filter(name=FACTS["buyer"]).count() == 0  # a record makes no organisation
