"""What every page must keep, whoever looks: no serious accessibility fault, nothing that overflows sideways."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "node_modules/axe-core/axe.min.js"
CHANGING = (
    "color-contrast",
    "link-in-text-block",
    "target-size",
    "scrollable-region-focusable",
)  # with theme and width
WIDTHS = (360, 390, 768, 1024, 1366, 1440, 1920)
# Colours are read when they have come to rest: a theme that fades in would be caught half-way. Bars that float over the
# page's end are laid into it while axe measures: what lies under one just now is reached by scrolling. Rules whose
# findings are never serious are not run: nobody asks for what they find.
RUN = """
async (only) => {
  const floats = (bar) => ['fixed', 'sticky'].includes(getComputedStyle(bar).position);
  const bars = [...document.querySelectorAll('.savebar, .acts.bar, .mtab')].filter(floats);
  bars.forEach((bar) => { bar.style.position = 'static'; });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  do await new Promise(requestAnimationFrame);
  while (document.documentElement.dataset.theme !== (dark.matches ? 'dark' : 'light'));
  const fading = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
  await Promise.all(fading.map((one) => one.finished.catch(() => null)));
  try {
    const quiet = axe._audit.rules.filter((rule) => ['minor', 'moderate'].includes(rule.impact));
    const off = Object.fromEntries(quiet.map((rule) => [rule.id, {enabled: false}]));
    const which = only.length ? {runOnly: {type: 'rule', values: only}} : {rules: off};
    return await axe.run({resultTypes: ['violations'], ...which});
  } finally {
    bars.forEach((bar) => { bar.style.position = ''; });
  }
}
"""
OVERFLOWING = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const left = (e) => e.getBoundingClientRect().left;
  const open = (e) => getComputedStyle(e).overflowX === 'visible';
  const right = (e) => Math.max(e.getBoundingClientRect().right, left(e) + (open(e) ? e.scrollWidth : 0));
  const held = (e) => e.parentElement && (!open(e.parentElement) || held(e.parentElement));
  const wide = [...document.body.querySelectorAll('*')].filter((e) => right(e) > width + 0.5 && !held(e));
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} to ${Math.round(right(e))}`;
  return wide.length ? wide.slice(0, 6).map(name) : ['the page itself'];
}
"""


def assert_accessible(page: Page) -> None:
    """Fail with the findings of axe-core that are serious or critical, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        serious = findings(page)
        assert not serious, f"{page.url}, {scheme}:\n" + "\n".join(serious)


def assert_no_sideways_overflow(page: Page, widths: tuple[int, ...] = WIDTHS) -> None:
    """Fail when the page is wider than its window at any width; names the elements that stick out."""
    before = page.viewport_size
    try:
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            wide = overflowing(page)
            assert not wide, f"{page.url} overflows at {width} px: {', '.join(wide)}"
    finally:
        if before:
            page.set_viewport_size(before)


def findings(page: Page, only: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds serious or critical on the page as it stands now, by all rules or `only` some."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(RUN, list(only))
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n    " + "\n    ".join(_where(node) for node in rule["nodes"])
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]


def overflowing(page: Page) -> list[str]:
    """Name what makes the page wider than its window; nothing: an empty list."""
    wide: list[str] = page.evaluate(OVERFLOWING)
    return wide


@cache
def _axe() -> str:
    return AXE.read_text()


def _where(node: dict[str, object]) -> str:
    return f"{node['target']} {str(node['html'])[:160]}"
