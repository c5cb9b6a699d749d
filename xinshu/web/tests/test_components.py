"""Every component renders, escapes what it is handed, and says what it is to those who do not see it."""

# ruff: noqa: E501  (calls are read as they stand in a template)

import re
from datetime import date, timedelta

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import Client, RequestFactory

from xinshu.core.lifecycle import Row, State

ATTACK = "<script>alert(1)</script>"
ACT = Row(
    "return", "退回补正", ("reviewing",), "returned", "guarantor", needs_reason=True, consequence="申请人会收到通知。"
)
PLAIN = Row("submit", "提交申请", ("draft",), "submitted", "applicant", tone="pri")


class Sample(forms.Form):
    amount = forms.CharField(label="保函金额", help_text="不超过 10%")
    kind = forms.ChoiceField(label="类型", choices=[("bid", "投标")], widget=forms.RadioSelect)


def rendered(code: str, query: str = "", **context: object) -> str:
    template = engines.all()[0].from_string('{% import "web/components.html" as ui %}' + code)
    return template.render(context, RequestFactory().get(f"/list/?{query}"))


@pytest.mark.parametrize(
    "call",
    [
        "ui.chip('ok', x)", "ui.tag(x)", "ui.hash(x)", "ui.masked(x)", "ui.button(x)", "ui.link(x, x)", "ui.crumbs([(x, '')])",
        "ui.facts([(x, x)])", "ui.kpis([{'label': x, 'value': x, 'details': [('up', x)]}])", "ui.steps([{'label': x, 'note': x, 'status': 'now'}])",
        "ui.note('warn', x, x)", "ui.timeline([{'title': x, 'by': x, 'at': x, 'text': x}])", "ui.conditions([(True, x), (False, x), (None, x)])",
        "ui.checks([(True, x, x), (False, x, x), (None, x, '')])", "ui.chain([{'title': x, 'text': x}])", "ui.compare([x], [(x, x, x, True)])",
        "ui.verdict('danger', x, x, [x])", "ui.empty(x, x)", "ui.sla('warn', x)", "ui.views([(x, x, 3, True)])", "ui.choice('a', x, [(x, x)], x)",
        "ui.input('a', x, value=x, hint=x, error=x)", "ui.input('a', x, value=x, type='textarea')", "ui.drop('a', x, hint=x, error=x)",
        "ui.switch_tabs(x, [('p', x)])", "ui.act(row, '/x/', 1, about=x)", "ui.usage(x, x, 3)", "ui.th(x)", "ui.copy(x, x)",
    ],
)  # fmt: skip
def test_what_is_handed_in_is_text_and_stays_text(call):
    html = rendered("{{ " + call + " }}", x=ATTACK, row=ACT)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.django_db
def test_the_components_page_shows_every_component():
    page = Client().get("/components/?state=issued&sort=-amount").content.decode()
    source = engines.all()[0].env.loader.get_source(engines.all()[0].env, "web/components.html")[0]
    shown = engines.all()[0].env.loader.get_source(engines.all()[0].env, "web/gallery.html")[0]

    macros = set(re.findall(r"{% macro (\w+)", source)) - {"classes", "message", "described", "widget", "copy", "act"}
    assert {name for name in macros if f"ui.{name}(" not in shown} <= {"brand", "state", "bar", "icon"}
    assert 'aria-sort="descending"' in page
    assert "None" not in page


def test_every_component_is_documented_at_the_top_of_the_file():
    environment = engines.all()[0].env
    source = environment.loader.get_source(environment, "web/components.html")[0]
    manual = source[: source.index("#}")]

    macros = set(re.findall(r"{% macro (\w+)", source)) - {"classes", "message", "described", "widget", "brand", "copy"}

    assert {name for name in macros if f"ui.{name}(" not in manual} == set()


def test_an_act_with_a_consequence_asks_first_and_carries_token_and_version():
    html = rendered("{{ ui.act(row, '/guarantees/ABC/', 7, key='r') }}", row=ACT)

    assert '<form method="post" action="/guarantees/ABC/return/" data-needs-reason>' in html
    assert 'name="version" value="7"' in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert 'name="reason" required' in html
    assert "申请人会收到通知。" in html
    assert 'data-key="r"' in html


def test_a_plain_act_goes_out_at_once():
    html = rendered("{{ ui.act(row, '/guarantees/ABC/', 7) }}", row=PLAIN)

    assert "<dialog" not in html
    assert 'action="/guarantees/ABC/submit/"' in html
    assert 'name="version" value="7"' in html


def test_acts_put_the_expected_one_last_and_show_nothing_when_there_are_none():
    html = rendered("{{ ui.acts(rows, '/x/', 1) }}", rows=[PLAIN, ACT])

    assert html.index("退回补正") < html.index("提交申请")
    assert rendered("{{ ui.acts([], '/x/', 1) }}").strip() == ""


def test_an_act_takes_more_fields():
    html = rendered("{% call ui.act(row, '/x/', 1) %}<input name='code'>{% endcall %}", row=PLAIN)

    assert html.index("<form") < html.index("<input name='code'>") < html.index("</form>")


def test_a_field_ties_label_hint_and_error_to_its_input():
    html = rendered("{{ ui.field(form['amount'], unit='元') }}", form=Sample({}))

    assert 'for="id_amount"' in html
    assert 'aria-describedby="id_amount-hint id_amount-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_amount-hint"' in html
    assert 'id="id_amount-error"' in html


def test_a_choice_of_buttons_is_a_group_with_a_name():
    html = rendered("{{ ui.field(form['kind']) }}", form=Sample())

    assert html.count("<fieldset") == html.count("</fieldset>") == 1
    assert "<legend" in html


def test_errors_lead_to_their_fields():
    html = rendered("{{ ui.errors(form) }}", form=Sample({}))

    assert "还有 2 处要改" in html
    assert 'href="#id_amount"' in html
    assert rendered("{{ ui.errors(form) }}", form=Sample()).strip() == ""


def test_a_kept_field_is_locked_until_asked_and_a_wrong_one_is_open():
    kept = rendered(
        "{{ ui.prefilled(form['amount'], 'kept', '工商登记') }}", form=Sample({"amount": "1", "kind": "bid"})
    )
    wrong = rendered("{{ ui.prefilled(form['amount'], 'kept', '工商登记') }}", form=Sample({}))

    assert "readonly" in kept
    assert 'data-unlock="id_amount"' in kept
    assert "readonly" not in wrong
    assert 'data-tone="danger"' in wrong


def test_sorting_turns_round_and_starts_at_the_first_page():
    once = rendered("{{ ui.th('金额', sort='amount') }}", "state=issued&page=3")
    twice = rendered("{{ ui.th('金额', sort='amount') }}", "sort=amount")

    assert 'href="?state=issued&amp;sort=amount"' in once
    assert "aria-sort" not in once
    assert 'href="?sort=-amount"' in twice
    assert 'aria-sort="ascending"' in twice


def test_pages_keep_the_filters():
    html = rendered("{{ ui.pager(page) }}", "state=issued", page=Paginator(range(214), 10).get_page(2))

    assert "第 11–20 条，共 214 条" in html
    assert 'href="?state=issued&amp;page=3"' in html
    assert 'aria-current="page"' in html


def test_a_filter_form_shows_what_was_asked_and_keeps_the_sorting():
    html = rendered(
        "{{ ui.filters('编号', applied=[('状态：在保', query(state=None))]) }}", "q=YZ&sort=-due&state=a&page=2"
    )

    assert 'name="q" placeholder="编号" value="YZ"' in html
    assert '<input type="hidden" name="sort" value="-due">' in html
    assert 'href="?q=YZ&amp;sort=-due"' in html


def test_time_limits_are_told_in_words(at):
    html = rendered(
        "{{ ui.deadline(until, now) }}{{ ui.due(on, today) }}",
        until=at + timedelta(minutes=80),
        now=at,
        on=date(2026, 12, 3),
        today=date(2026, 11, 21),
    )

    assert "剩 1 小时 20 分" in html
    assert "12-03 到期 · 12 天" in html


def test_a_state_shows_its_word_in_its_tone():
    assert (
        rendered("{{ ui.state(s) }}", s=State("issued", "在保", "ok"))
        == '<span class="chip" data-tone="ok">在保</span>'
    )


def test_what_is_empty_is_shown_as_a_dash_and_zero_as_zero():
    html = rendered("{{ ui.facts([('a', none), ('b', ''), ('c', 0)]) }}")

    assert re.findall(r"<dd>(.*?)</dd>", html) == ["—", "—", "0"]


def test_in_tests_a_mistyped_name_is_an_error():
    with pytest.raises(Exception, match="undefined"):
        rendered("{{ mistyped }}")
