/* Search results ([data-arrows]): ↓ from the field goes to the first hit (a[data-hit]), ↑ and ↓ move, Enter opens, Esc
   goes back to the field. The focus itself moves, so that screen readers say where one is. Survives htmx swaps. */
(() => {
  const KEYS = ["ArrowDown", "ArrowUp", "Home", "End", "Escape"];
  document.addEventListener("keydown", event => {
    const room = event.target.closest?.("[data-arrows]");
    if (!room || !KEYS.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const field = room.querySelector("input[type=search]");
    const hits = [...room.querySelectorAll("a[data-hit]")];
    const at = hits.indexOf(event.target);
    if (at < 0 && (event.target !== field || event.key !== "ArrowDown")) return;
    const to = {
      ArrowDown: Math.min(at + 1, hits.length - 1), ArrowUp: at - 1, Home: 0, End: hits.length - 1, Escape: -1,
    }[event.key];
    event.preventDefault();
    (to < 0 ? field : hits[to])?.focus();
  });
})();
