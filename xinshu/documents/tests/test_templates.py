"""Stories: a template is drafted, checked, activated, replaced."""

import pytest
from django.db import IntegrityError, transaction

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Unknown
from xinshu.documents.models import TemplateVersion
from xinshu.documents.templates import (
    DEFAULTS,
    activate,
    active_version,
    check_placeholders,
    default_source,
    draft_version,
    edit_draft,
    install_defaults,
)
from xinshu.ledger.models import Entry

KIND = "performance_accessory"


@pytest.fixture
def own(guarantor, at) -> TemplateVersion:
    """A draft of the guarantor's own template."""
    source = default_source(KIND) + "\n// ours"
    return draft_version(KIND, guarantor, "融信履约保函", source, by=SYSTEM, at=at)


def test_the_platforms_template_serves_until_the_guarantor_has_its_own(guarantor, own, at):
    before = active_version(KIND, guarantor)
    activate(own, by=SYSTEM, at=at)
    after = active_version(KIND, guarantor)

    assert (before.template.guarantor, after) == (None, own)
    assert active_version(KIND) == before


@pytest.mark.parametrize(
    ("kind", "form"), [("bank", "independent"), ("guarantor", "accessory"), ("insurer", "insurance")]
)
def test_the_issuers_kind_decides_the_form_of_a_guarantee(db, kind, form):
    issuer = Organisation.objects.create(name=f"云州{kind}", kind=kind)

    assert active_version("bid", issuer).template.kind == f"bid_{form}"


def test_a_kind_without_template_is_unknown(db):
    with pytest.raises(Unknown):
        active_version("wage")


def test_installing_brings_every_default_once(db, at):
    first = install_defaults(at=at)
    second = install_defaults(at=at)

    assert sorted(version.template.kind for version in first) == sorted(DEFAULTS)
    assert second == []
    assert Entry.objects.filter(kind="template.activated").count() == len(DEFAULTS)


def test_a_new_release_retires_the_old_default_and_letters_keep_theirs(db, at):
    old = active_version(KIND)
    TemplateVersion.objects.filter(pk=old.pk).update(source=old.source + "\n// older")

    install_defaults(at=at)

    old.refresh_from_db()
    assert (old.state, old.retired_at) == ("retired", at)
    assert old.source.endswith("// older")
    assert active_version(KIND).number == 2


def test_an_active_version_cannot_be_rewritten_by_action_or_by_hand(own, at):
    activate(own, by=SYSTEM, at=at)
    loaded = TemplateVersion.objects.get(pk=own.pk)

    with pytest.raises(NotNow):
        edit_draft(loaded, default_source(KIND), by=SYSTEM, at=at)
    loaded.source = "other"
    with pytest.raises(NotNow):
        loaded.save()

    assert TemplateVersion.objects.get(pk=own.pk).source == own.source


def test_a_draft_may_be_rewritten(own, at):
    edit_draft(own, default_source(KIND), by=SYSTEM, at=at)

    assert TemplateVersion.objects.get(pk=own.pk).source == default_source(KIND)


def test_the_database_allows_one_active_version(own, at):
    activate(own, by=SYSTEM, at=at)

    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.create(template=own.template, number=9, source="x", state="active")


def test_a_version_that_prints_no_sample_is_not_activated(own, at):
    edit_draft(own, default_source(KIND) + '\n#panic("broken")', by=SYSTEM, at=at)

    with pytest.raises(Invalid, match="排不出样函"):
        activate(own, by=SYSTEM, at=at)

    assert TemplateVersion.objects.get(pk=own.pk).state == "draft"


def test_members_without_the_permission_may_not_touch_templates(own, manager, clerk, at):
    for member in (manager, clerk):
        with pytest.raises(NotPermitted):
            activate(own, by=member, at=at)
        with pytest.raises(NotPermitted):
            draft_version(KIND, None, "平台", default_source(KIND), by=member, at=at)


def test_unknown_and_missing_placeholders_are_named():
    source = '#data.number #data.colour #data.at("size") #data.clauses.len() #(x.data.shape)'

    with pytest.raises(Invalid) as refusal:
        check_placeholders(source, ["number", "clauses", "amount"], ["number", "amount"])

    assert "colour、size" in refusal.value.message
    assert "amount（金额）" in refusal.value.message
    assert "shape" not in refusal.value.message


@pytest.mark.parametrize(
    "reach", ['#import "@preview/x:1.0.0"', '#include "x.typ"', '#read("/x")', "#eval(data.number)"]
)
def test_a_template_that_reaches_outside_is_refused(reach):
    with pytest.raises(Invalid, match="其他文件"):
        check_placeholders(f"#data.number {reach}", ["number"])


def test_what_a_template_uses_is_listed():
    assert check_placeholders("#data.number #data.amount", ["number", "amount", "law"]) == ["amount", "number"]
