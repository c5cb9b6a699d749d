"""Every template of every context: nothing inline that the content security policy would have to allow."""

import re
from pathlib import Path

import pytest
from django.conf import settings

import xinshu

ROOT = Path(xinshu.__file__).parent
TEMPLATES = sorted(ROOT.glob("*/templates/**/*.html"))
STYLES = sorted(ROOT.glob("*/static/**/*.css"))
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "an htmx script": re.compile(r"<[^>]*\shx-(on|live|vals\s*=\s*[\"']js)", re.IGNORECASE),
    "a foreign address": re.compile(r"(src|href)=[\"'](https?:)?//", re.IGNORECASE),
}


def forbidden(markup: str) -> list[str]:
    """Return the names of what `markup` holds but must not."""
    plain = JINJA.sub("0", re.sub(r"\{#.*?#\}", "", markup, flags=re.DOTALL))
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(plain)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_keeps_to_the_policy(template):
    assert forbidden(template.read_text()) == []


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color: red">',
        "<p class='a' style = 'x'>",
        "<style>",
        "<script>alert(1)</script>",
        '<script nonce="x">',
        '<a onclick="x()">',
        "<a href='javascript:x'>",
        '<button hx-on:click="x">',
        '<p hx-vals="js:{a: 1}">',
        '<img src="https://elsewhere.example/x.png">',
        '<p {% if a %}class="b"{% endif %} style="--p: {{ p }}%">',
    ],
)
def test_the_scan_finds_what_is_forbidden(markup):
    assert len(forbidden(markup)) == 1


@pytest.mark.parametrize("style", STYLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_style_sheet_names_no_colour_outside_the_tokens(style):
    if style.name == "tokens.css":
        pytest.skip("the tokens are where colours live")
    paper = {"#17212e", "#fdfcf9", "#d9d2c3", "#5d5a52", "#e9e4d8", "#6a665c", "#b3261e"}  # the letter looks like paper
    chrome = {"#fff", "#8cbcf2", "#2868b4"}  # on the dark bar and under solid buttons

    found = set(
        re.findall(
            r"#[0-9a-f]{3,8}\b", re.sub(r"/\*.*?\*/|#[a-z][\w-]*[ :{.,]", "", style.read_text(), flags=re.DOTALL)
        )
    )

    assert found <= paper | chrome


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'id="i-(\w+)"', (ROOT / "web/static/web/icons.svg").read_text()))

    asked = {
        name
        for template in TEMPLATES
        for name in re.findall(r'ui\.icon\("(\w+)"|icon="(\w+)"|mark="(\w+)"', template.read_text())
        for name in name
        if name
    }

    assert asked <= sprite


def test_every_template_compiles():
    from django.template import engines

    environment = engines.all()[0].env
    for template in TEMPLATES:
        environment.get_template(str(template.relative_to(next(p for p in template.parents if p.name == "templates"))))


def test_navigation_names_icons_that_exist():
    from django.utils.module_loading import import_string

    sprite = (ROOT / "web/static/web/icons.svg").read_text()
    table = import_string("xinshu.config.navigation.NAVIGATION")

    assert settings.NAVIGATION
    assert [e.icon for section in table for e in section.entries if f'id="i-{e.icon}"' not in sprite] == []
