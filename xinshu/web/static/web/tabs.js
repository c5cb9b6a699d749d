/* Tabs within a page: the ARIA pattern; arrow keys move, panels by aria-controls. */
(() => {
  const pick = (tabs, chosen) => tabs.forEach(tab => {
    const on = tab === chosen;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    if (panel) panel.hidden = !on;
  });
  document.querySelectorAll("[role=tablist]").forEach(list => {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    pick(tabs, tabs.find(tab => tab.getAttribute("aria-selected") === "true") ?? tabs[0]);
    list.addEventListener("click", event => {
      const tab = event.target.closest("[role=tab]");
      if (tab) pick(tabs, tab);
    });
    list.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
      next.focus();
      pick(tabs, next);
    });
  });
})();
