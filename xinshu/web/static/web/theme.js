/* Light or dark: ?theme= wins, then the saved choice, then the system's. Runs before the first paint. */
(() => {
  const root = document.documentElement;
  const saved = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const asked = new URLSearchParams(location.search).get("theme");
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const choice = [asked, saved(), system].find(theme => theme === "light" || theme === "dark");
  root.dataset.theme = choice;

  document.addEventListener("click", event => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private window: holds for this page */ }
    document.dispatchEvent(new Event("themechange"));
  });
})();
