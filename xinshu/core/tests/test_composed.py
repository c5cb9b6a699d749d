"""What a composed query gives is what the ORM gives, whatever the values: objects, relations, annotations, moments."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Q, Window
from django.db.models.functions import Lower, RowNumber

from xinshu.core.composed import composed

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def of_app(app, word):
    named = Q(codename__startswith="add") | Q(codename=word)
    found = Permission.objects.filter(named, content_type__app_label=app).select_related("content_type")
    return found.annotate(low=Lower("name")).order_by("pk")


def newest_of_each(app, number):
    place = Window(RowNumber(), partition_by=[F("content_type")], order_by=[F("pk").desc()])
    found = Permission.objects.filter(content_type__app_label__in=[app]).annotate(place=place)
    return found.filter(place__lte=number).order_by("content_type_id", "place")


def ended_before(moment):
    return Session.objects.filter(expire_date__lt=moment).order_by("session_key")


def keys_ended_before(moment):
    return ended_before(moment).values_list("session_key", flat=True)


@pytest.fixture
def sessions(db):
    for number in range(3):
        Session.objects.create(session_key=f"key-{number}", session_data="", expire_date=NOON + timedelta(days=number))


@pytest.fixture
def permissions(db):
    for app, model in (("library", "book"), ("library", "shelf"), ("museum", "room")):
        kind = ContentType.objects.create(app_label=app, model=model)
        for act in ("add", "change", "view"):
            Permission.objects.create(content_type=kind, codename=f"{act}_{model}", name=f"{act.title()} {model}")


def told(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.mark.parametrize("values", [("library", "view_book"), ("museum", "nothing"), ("没有", "x' OR 1=1 --")])
def test_rows_come_with_their_relations_and_annotations(permissions, values, django_assert_num_queries):
    ask = composed(of_app)

    with django_assert_num_queries(1):
        found = [(told(row), row.content_type.model) for row in ask(*values)]

    assert found == [(told(row), row.content_type.model) for row in of_app(*values)]
    assert bool(found) == (values[0] != "没有")


@pytest.mark.parametrize("number", [1, 2])
def test_the_newest_of_each_kind_are_the_same(permissions, number):
    found = composed(newest_of_each)("library", number)

    assert [told(row) for row in found] == [told(row) for row in newest_of_each("library", number)]
    assert len(found) == 2 * number


@pytest.mark.parametrize("days", [0, 1, 3])
def test_moments_are_compared_as_moments_and_come_back_with_their_zone(sessions, days):
    moment = NOON + timedelta(days=days)

    assert [told(row) for row in composed(ended_before)(moment)] == [told(row) for row in ended_before(moment)]
    assert composed(keys_ended_before)(moment) == [f"key-{number}" for number in range(days)]
    assert composed(keys_ended_before).first(moment) == ("key-0" if days else None)


def test_what_is_found_can_be_changed_and_saved(sessions):
    found = composed(ended_before).first(NOON + timedelta(hours=1))
    found.session_data = "changed"
    found.save()

    assert Session.objects.get(session_key="key-0").session_data == "changed"


def test_null_and_values_by_name_are_refused(db):
    ask = composed(of_app)

    for wrong in (lambda: ask("library", None), lambda: ask("library"), lambda: ask(app="library", word="x")):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(TypeError):
        composed(lambda app: Permission.objects.filter(codename=app).values("pk"))("x")
