/* The live stream: unread count, arriving notices, and live:<event> on document for pages that want more. */
(() => {
  const address = document.body.dataset.live;
  if (!address || !window.EventSource) return;

  const state = lost => document.querySelectorAll("[data-live-state]").forEach(mark => {
    mark.textContent = lost || "实时";
    if (lost) mark.dataset.state = "lost"; else delete mark.dataset.state;
  });
  const unread = count => {
    if (!Number.isInteger(count)) return;
    const badge = document.querySelector("[data-unread]"), bell = document.querySelector("[data-bell]");
    if (badge) { badge.hidden = !count; badge.textContent = count < 100 ? count : "99+"; }
    bell?.setAttribute("aria-label", `消息，${count} 条未读`);
  };

  const stream = new EventSource(address);
  const hear = name => stream.addEventListener(name, event => {
    let data;
    try { data = JSON.parse(event.data); } catch { return; }
    unread(data.unread);
    if (name === "notice" && data.toast !== false && data.text && document.visibilityState === "visible") toast(data.text, data.tone ?? "info");
    document.dispatchEvent(new CustomEvent(`live:${name}`, { detail: data }));
  });
  ["hello", "notice", "changed"].forEach(hear);
  stream.addEventListener("open", () => state(""));
  // closed for good: the sign-in is over, or the page lay open for longer than its token
  stream.addEventListener("error", () =>
    state(stream.readyState === EventSource.CLOSED ? "已断开，请刷新页面" : "已断开，正在重连"));
  addEventListener("pagehide", () => stream.close());
})();
