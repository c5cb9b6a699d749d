/* toast(text, tone, undoLabel, onUndo): the one way to report a finished action. Also copies to the clipboard. */
(() => {
  const LASTS = 5000, LASTS_WITH_UNDO = 8000;

  window.toast = (text, tone = "ok", undo, onUndo) => {
    const box = document.createElement("div");
    box.className = "toast";
    box.dataset.tone = tone;
    box.setAttribute("role", tone === "danger" ? "alert" : "status");
    box.append(text);
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn sm";
      button.textContent = undo;
      button.addEventListener("click", () => { onUndo?.(); box.remove(); });
      box.append(button);
    }
    document.getElementById("toasts")?.append(box);
    setTimeout(() => box.remove(), undo ? LASTS_WITH_UNDO : LASTS);
    return box;
  };

  // messages that came with the page
  document.querySelectorAll(".toast[data-fades]").forEach(box => {
    if (box.dataset.tone !== "danger") setTimeout(() => box.remove(), LASTS_WITH_UNDO);
  });

  // the server says HX-Trigger: {"toast": {"text": "...", "tone": "ok"}}
  document.addEventListener("toast", event => toast(event.detail.text, event.detail.tone));

  document.addEventListener("click", async event => {
    const from = event.target.closest("[data-copy]");
    if (!from) return;
    try {
      await navigator.clipboard.writeText(from.dataset.copy);
      toast("已复制");
    } catch {
      toast("浏览器不允许复制，请手工选中后复制", "warn");
    }
  });
})();
