/* Light or dark: ?theme= wins, then the saved choice, then the system's. Runs before the first paint. */
(() => {
  const root = document.documentElement;
  const saved = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const asked = new URLSearchParams(location.search).get("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => [asked, saved()].find(theme => theme === "light" || theme === "dark");
  root.dataset.theme = chosen() ?? (dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => { // the system's evening, unless the person has chosen
    if (chosen()) return;
    root.dataset.theme = dark.matches ? "dark" : "light";
    document.dispatchEvent(new Event("themechange"));
  });

  document.addEventListener("click", event => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private window: holds for this page */ }
    document.dispatchEvent(new Event("themechange"));
  });
})();
