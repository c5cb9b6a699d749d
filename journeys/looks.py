"""What every page must keep, whoever looks: no serious accessibility fault, nothing that overflows sideways."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "node_modules/axe-core/axe.min.js"
WIDTHS = (360, 390, 768, 1024, 1366, 1440, 1920)
OVERFLOWING = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > width + 0.5);
  const right = (e) => Math.round(e.getBoundingClientRect().right);
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} to ${right(e)}`;
  return wide.length ? wide.slice(0, 6).map(name) : ['the page itself'];
}
"""


def assert_accessible(page: Page) -> None:
    """Fail with the findings of axe-core that are serious or critical, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(_axe())
        found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
        serious = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n    "
            + "\n    ".join(_where(node) for node in rule["nodes"])
            for rule in found["violations"]
            if rule["impact"] in {"serious", "critical"}
        ]
        assert not serious, f"{page.url}, {scheme}:\n" + "\n".join(serious)


def assert_no_sideways_overflow(page: Page, widths: tuple[int, ...] = WIDTHS) -> None:
    """Fail when the page is wider than its window at any width; names the elements that stick out."""
    before = page.viewport_size
    try:
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate(OVERFLOWING)
            assert not wide, f"{page.url} overflows at {width} px: {', '.join(wide)}"
    finally:
        if before:
            page.set_viewport_size(before)


@cache
def _axe() -> str:
    return AXE.read_text()


def _where(node: dict[str, object]) -> str:
    return f"{node['target']} {str(node['html'])[:160]}"
