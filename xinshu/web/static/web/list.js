/* Lists: choose rows, see their sum, move with j and k, tick with x, open with Enter. Survives htmx swaps. */
(() => {
  const table = () => document.querySelector("table[data-select], .tbl.cards");
  const rows = () => [...(table()?.querySelectorAll("tbody tr") ?? [])];
  const box = row => row.querySelector("td:first-child input[type=checkbox]");
  let at = -1;

  const yuan = fen => (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const sync = () => {
    const chosen = rows().filter(row => box(row)?.checked);
    rows().forEach(row => { if (box(row)) row.setAttribute("aria-selected", String(box(row).checked)); });
    const bar = document.getElementById("bulk");
    if (bar) {
      bar.hidden = !chosen.length;
      bar.querySelector("[data-n]").textContent = chosen.length;
      const sum = bar.querySelector("[data-sum]");
      if (sum) sum.textContent = yuan(chosen.reduce((total, row) => total + Number(row.dataset.amt || 0), 0));
    }
    const all = document.querySelector("[data-all]");
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === rows().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  document.addEventListener("change", event => {
    if (event.target.matches("[data-all]")) rows().forEach(row => { if (box(row)) box(row).checked = event.target.checked; });
    if (event.target.closest("table[data-select]")) sync();
  });
  document.addEventListener("click", event => {
    if (!event.target.closest("[data-choose-none]")) return;
    rows().forEach(row => { if (box(row)) box(row).checked = false; });
    sync();
  });
  document.addEventListener("htmx:after:swap", () => { at = -1; if (table()) sync(); });
  if (table()) sync();

  document.addEventListener("keydown", event => {
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog") || event.metaKey || event.ctrlKey || event.altKey) return;
    const all = rows();
    if (!all.length) return;
    if (event.key === "j" || event.key === "k") {
      at = Math.max(0, Math.min(all.length - 1, at + (event.key === "j" ? 1 : -1)));
      all.forEach((row, i) => row.classList.toggle("cur", i === at));
      all[at].scrollIntoView({ block: "nearest" });
    }
    if (event.key === "x" && box(all[at] ?? document.body)) { box(all[at]).checked = !box(all[at]).checked; sync(); }
    if (event.key === "Enter" && all[at] && (event.target === document.body || event.target.id === "main")) all[at].querySelector("a")?.click();
  });
})();
