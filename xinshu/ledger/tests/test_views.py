"""The ledger's pages: who may see what, what stays shut, what is done."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
import python_calamine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from xinshu.core.clock import now
from xinshu.ledger.models import Delivery, Entry, Verification, Worker
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.reactions import reacts_to
from xinshu.ledger.sealing import seal
from xinshu.ledger.tasks import verify_as_requested
from xinshu.ledger.tests.conftest import tamper
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db

AUDITOR_PAGES = ["ledger:log"]
OPERATOR_PAGES = ["ledger:deliveries"]


@pytest.fixture
def member(db):
    """Make a member with a role."""

    def member(role):
        organisation = apps.get_model("accounts", "Organisation").objects.create(name=f"云州 {role}", kind="operator")
        user = apps.get_model("accounts", "User").objects.create_user(role, "long-and-odd-42", name="林晓芸")
        return apps.get_model("accounts", "Member").objects.create(user=user, organisation=organisation, roles=[role])

    return member


@pytest.fixture
def signed_in(client, member):
    """Sign in somebody with a role; return the browser."""

    def signed_in(role):
        somebody = member(role)
        client.force_login(somebody.user)
        session = client.session
        session["member"] = somebody.pk
        session.save()
        return client

    return signed_in


# ── who may come in ──


@pytest.mark.req("CS-60")
@pytest.mark.parametrize("name", ["ledger:log", "ledger:deliveries"])
def test_a_stranger_is_sent_to_sign_in(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.req("CS-60")
@pytest.mark.parametrize(
    ("role", "name", "method"),
    [
        (role, name, method)
        for role in ("applicant", "manager", "beneficiary", "department", "operator", "secadmin")
        for name, method in (
            ("ledger:log", "get"),
            ("ledger:log_export", "post"),
            ("ledger:deliveries", "get"),
            ("ledger:verify", "post"),
        )
    ]
    + [("auditor", "ledger:deliveries", "get"), ("auditor", "ledger:verify", "post")]
    + [("sysadmin", "ledger:log", "get"), ("sysadmin", "ledger:log_export", "post")],
)
def test_the_wrong_role_is_refused_and_leaves_nothing_behind(signed_in, role, name, method):
    before = Entry.objects.count()

    response = getattr(signed_in(role), method)(reverse(name))

    assert response.status_code == 403
    assert Entry.objects.count() == before


# ── 系统日志 ──


@pytest.mark.req("EP-38", "CS-60")
def test_the_auditor_finds_entries_by_kind_actor_subject_and_day(signed_in, happens, member, subject, at):
    issuer = member("signer")
    happens("test.issued", by=issuer, at=at)
    happens("test.released", at=at + timedelta(days=2))
    browser = signed_in("auditor")

    def found(**asked):
        page = browser.get(reverse("ledger:log"), asked).content.decode()
        return {kind for kind in ("test.issued", "test.released") if f'<td class="h1 nw">{kind}</td>' in page}

    assert found() == {"test.issued", "test.released"}
    assert found(kind="test.issued") == {"test.issued"}
    assert found(kind="test.") == {"test.issued", "test.released"}
    assert found(actor="林晓芸") == {"test.issued"}
    assert found(actor="system") == {"test.released"}
    assert found(subject=f"ledger.worker:{subject.pk}") == {"test.issued", "test.released"}
    assert found(subject="ledger.worker:999999") == set()
    assert found(until="2026-11-21") == {"test.issued"}
    assert found(since="2026-11-22", until="2026-11-23") == {"test.released"}


@pytest.mark.parametrize("mark", [{"kind": "test.secret"}, {"actor": "系统"}, {"subject": "here"}, {}])
def test_before_bid_opening_an_entry_shows_neither_whose_nor_what_and_is_not_found(signed_in, happens, subject, mark):
    happens("test.secret", sealed_until=now() + timedelta(days=1), at=now(), bidder="云州恒达")
    asked = {key: f"ledger.worker:{subject.pk}" if value == "here" else value for key, value in mark.items()}

    page = signed_in("auditor").get(reverse("ledger:log"), asked).content.decode()

    shown = page[page.index('id="results"') :]
    assert ("开标前保密" in shown) == (not mark)
    assert "云州恒达" not in page
    assert '<td class="h1">test.secret</td>' not in page
    assert f"subject={subject.pk}" not in page
    assert "系统</td>" not in page


def test_before_bid_opening_there_is_no_evidence_to_download(signed_in, happens, at):
    secret = happens(sealed_until=now() + timedelta(days=1))
    open_ = happens()
    seal(at)
    browser = signed_in("auditor")

    assert browser.get(reverse("ledger:log_evidence", args=[secret.pk])).status_code == 404
    assert browser.get(reverse("ledger:log_evidence", args=[10**30])).status_code == 404
    assert browser.get(reverse("ledger:log_evidence", args=[open_.pk])).json() == evidence_of(open_)


@pytest.mark.parametrize(
    "asked",
    [{"since": "yesterday"}, {"subject": "nonsense"}, {"subject": "a:" + "9" * 40}, {"before": "x"}],
)
def test_filters_that_make_no_sense_are_said_to_make_none(signed_in, asked):
    response = signed_in("auditor").get(reverse("ledger:log"), asked)

    assert response.status_code == 200
    assert "没有看懂" in response.content.decode()


def test_the_log_costs_the_same_for_one_entry_and_for_a_full_page(signed_in, happens, django_assert_max_num_queries):
    happens()
    browser = signed_in("auditor")
    with django_assert_max_num_queries(6) as small:
        browser.get(reverse("ledger:log"))
    for _n in range(60):
        happens()
    with django_assert_max_num_queries(len(small.captured_queries)):
        page = browser.get(reverse("ledger:log")).content.decode()

    first = Entry.objects.order_by("pk").first().pk
    assert f"#{first}<" not in page
    oldest_shown = Entry.objects.order_by("-pk")[49].pk
    assert f"#{first}<" in browser.get(reverse("ledger:log"), {"before": oldest_shown}).content.decode()


@pytest.mark.req("EP-38")
def test_an_export_holds_what_the_filters_find_and_is_itself_recorded(signed_in, happens, at):
    happens("test.issued", 备注="=1+1")
    happens("test.released")
    happens("test.secret", sealed_until=now() + timedelta(days=1), bidder="云州恒达")
    browser = signed_in("auditor")

    everything = browser.post(reverse("ledger:log_export"))
    only = browser.post(reverse("ledger:log_export") + "?kind=test.issued")

    rows = [
        python_calamine.load_workbook(BytesIO(r.content)).get_sheet_by_index(0).to_python()[1:]
        for r in (everything, only)
    ]
    assert [row[2] for row in rows[0]] == ["事项", "开标前保密", "test.released", "test.issued"]
    assert "云州恒达" not in str(rows[0])
    assert rows[1][1][5] == '{"备注":"=1+1"}'
    assert len(rows[1]) == 2
    exports = Entry.objects.filter(kind="ledger.exported").order_by("pk")
    assert [(e.data["rows"], e.data["searched"]["kind"], "林晓芸" in e.actor_label) for e in exports] == [
        (3, "", True),
        (1, "test.issued", True),
    ]


# ── 任务投递 ──


@pytest.fixture
def parked(happens):
    """A delivery that failed for good."""

    @reacts_to("test.happened")
    def fails(entry: Entry) -> None: ...

    entry = happens()
    Delivery.objects.update(state="parked", attempts=8, last_error="对方没有应答")
    return Delivery.objects.get(entry=entry)


def test_the_operator_sees_what_failed_and_why_and_has_it_tried_again(signed_in, parked):
    browser = signed_in("sysadmin")
    page = browser.get(reverse("ledger:deliveries")).content.decode()
    assert "对方没有应答" in page
    assert "没有后台进程在运行" in page

    response = browser.post(reverse("ledger:retry", args=[parked.pk]))

    assert response.status_code == 302
    assert drain() == 1
    assert Delivery.objects.get(pk=parked.pk).state == "done"
    assert Entry.objects.get(kind="delivery.retried").actor_label.startswith("林晓芸")
    again = browser.post(reverse("ledger:retry", args=[parked.pk]))
    assert again.status_code == 409


def test_before_bid_opening_the_operator_learns_neither_subject_nor_error(signed_in, happens):
    @reacts_to("test.happened")
    def fails(entry: Entry) -> None: ...

    happens(sealed_until=now() + timedelta(days=1))
    Delivery.objects.update(state="parked", attempts=8, last_error="云州恒达没有应答")

    page = signed_in("sysadmin").get(reverse("ledger:deliveries")).content.decode()

    assert "云州恒达" not in page
    assert "ledger.worker:" not in page
    assert "开标前保密" in page


@pytest.mark.parametrize("view", ["parked", "failing", "waiting", "done", "nonsense"])
@pytest.mark.parametrize("before", ["", "1", "-1", "x", "9" * 50, "²"])
def test_every_view_of_the_deliveries_opens(signed_in, parked, view, before):
    response = signed_in("sysadmin").get(reverse("ledger:deliveries"), {"view": view, "before": before})

    assert response.status_code == 200


def test_a_worker_at_work_is_shown(signed_in):
    Worker.objects.create(name="host:1:a", started_at=now(), seen_at=now())

    page = signed_in("sysadmin").get(reverse("ledger:deliveries")).content.decode()

    assert "host:1:a" in page
    assert "没有后台进程在运行" not in page


@pytest.mark.parametrize("altered", [False, True])
def test_a_verification_asked_for_on_the_page_is_made_by_a_worker_and_shown(signed_in, happens, at, altered):
    reacts_to("ledger.verification_requested", together=False)(verify_as_requested)
    entry = happens()
    seal(at)
    if altered:
        tamper("UPDATE ledger_entry SET kind = 'test.other' WHERE id = %s", entry.pk)
    browser = signed_in("sysadmin")

    browser.post(reverse("ledger:verify"))
    browser.post(reverse("ledger:verify"))
    assert "正在核验" in browser.get(reverse("ledger:deliveries")).content.decode()
    drain()

    page = browser.get(reverse("ledger:deliveries")).content.decode()
    assert Verification.objects.count() == 1
    assert ("核验不通过" in page, f"#{entry.pk}" in page) == (altered, altered)


# ── 存证核验 ──


def test_anybody_reads_how_evidence_works_also_before_there_is_any(client, happens, at):
    assert "还没有检查点" in client.get(reverse("ledger:evidence")).content.decode()
    assert client.get(reverse("ledger:checkpoint")).status_code == 404

    happens()
    seal(at)

    assert "1 条" in client.get(reverse("ledger:evidence")).content.decode()
    assert client.get(reverse("ledger:checkpoint")).content.decode().startswith("xinshu\n1\n")


@pytest.mark.req("EP-41")
@pytest.mark.parametrize("how", ["file", "text"])
@pytest.mark.parametrize("altered", [False, True])
def test_anybody_has_evidence_examined_and_learns_what_fails(client, happens, at, how, altered):
    entry = happens(amount=100)
    seal(at)
    evidence = evidence_of(entry)
    if altered:
        evidence["entry"]["data"]["amount"] = 900
    text = json.dumps(evidence)

    given = {"text": text} if how == "text" else {"file": SimpleUploadedFile("evidence.json", text.encode())}
    page = client.post(reverse("ledger:evidence"), given).content.decode()

    assert ("存证真实，未被改动" in page) == (not altered)
    assert ("存证核验不通过" in page, "至少有一处被改动" in page) == (altered, altered)


@pytest.mark.parametrize("given", [{}, {"text": "{"}, {"text": "x" * 600_000}])
def test_what_is_no_evidence_is_said_to_be_none(client, given):
    response = client.post(reverse("ledger:evidence"), given)

    assert response.status_code == 200
    assert "存证文件读不出来" in response.content.decode()


@pytest.mark.parametrize("data", [[1], None, "x", {"a": {"b": []}}])
def test_evidence_with_odd_data_breaks_nothing(client, happens, at, data):
    entry = happens()
    seal(at)
    evidence = evidence_of(entry)
    evidence["entry"]["data"] = data

    response = client.post(reverse("ledger:evidence"), {"text": json.dumps(evidence)})

    assert response.status_code == 200
    assert "存证核验不通过" in response.content.decode()


def test_the_verifier_is_handed_out_with_the_platforms_keys(client, tmp_path, happens, at):
    from xinshu.ledger.keys import platform_key, witness_key

    script = client.get(reverse("ledger:offline")).content.decode()

    assert f'PLATFORM_KEY = "{platform_key().public_hex}"' in script
    assert f'WITNESS_KEY = "{witness_key().public_hex}"' in script
    compile(script, "verify_evidence.py", "exec")
