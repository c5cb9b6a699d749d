/* Keyboard shortcuts, menus, the navigation sheet and folded panels on the phone. */
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const phone = matchMedia("(max-width: 760px)");
  const typing = target => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  const chords = $("[data-chords]")?.dataset ?? {};
  let sinceG = 0;
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") closeMenus();
    if (typing(event.target) || event.metaKey || event.ctrlKey || event.altKey || $("dialog[open]")) return;
    if (sinceG && Date.now() - sinceG < 900 && chords[event.key]) { location.href = chords[event.key]; return; }
    sinceG = event.key === "g" ? Date.now() : 0;
    if (event.key === "/") { const find = $("#q"); if (find) { event.preventDefault(); find.focus(); } }
    if (event.key === "?") $("#help")?.showModal();
    const button = /^[a-z]$/.test(event.key) && $(`[data-key="${event.key}"]`);
    if (button) { event.preventDefault(); button.click(); } // or the letter is typed into the dialog that opens
  });

  const closeMenus = except => document.querySelectorAll("details.menu[open]").forEach(menu => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", event => closeMenus(event.target.closest("details.menu")));

  const side = $("#side"), toggle = $("[data-side-toggle]");
  const sheet = open => {
    side.classList.toggle("open", open);
    toggle.setAttribute("aria-expanded", String(open));
    if (open) $("a", side)?.focus();
  };
  toggle?.addEventListener("click", () => sheet(!side.classList.contains("open")));
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && side?.classList.contains("open")) { sheet(false); toggle.focus(); }
  });
  document.addEventListener("click", event => {
    if (side?.classList.contains("open") && !event.target.closest("#side, [data-side-toggle]")) sheet(false);
  });

  /* which groups of the navigation stand open is kept for the next page */
  document.addEventListener("click", event => {
    const group = event.target.closest("[data-fold-kept] > summary")?.parentElement;
    if (!group) return;
    const name = group.dataset.foldKept, opens = group.open ? 0 : 1; // it turns after this event
    const kept = (document.cookie.match(/(?:^|; )side=([a-z0-9.]*)/)?.[1] ?? "").split(".");
    const folds = [...kept.filter(fold => fold && fold.slice(0, -1) !== name), name + opens];
    document.cookie = `side=${folds.join(".")}; path=/; max-age=31536000; samesite=lax`;
  });

  /* secondary panels fold on the phone, stand open elsewhere */
  const fold = () => document.querySelectorAll("details[data-fold]").forEach(panel => { panel.open = !phone.matches; });
  fold();
  phone.addEventListener("change", fold);

  /* the filter panel */
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-filter-toggle]");
    if (!button) return;
    const open = button.closest("form").classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });

  const show = event => {
    const button = event.target.closest("[data-show-password]");
    if (!button) return;
    const field = document.getElementById(button.dataset.showPassword);
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(hidden));
  };
  document.addEventListener("click", show);

  const focus = () => $("[data-focus]")?.focus();
  focus();
})();
