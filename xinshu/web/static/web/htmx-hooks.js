/* What htmx does not give for free: acts shown before the answer, taken back when it says no; errors in words. */
(() => {
  const undo = new WeakMap();
  const source = event => event.detail.ctx?.sourceElement;

  document.addEventListener("htmx:before:request", event => {
    const element = source(event);
    if (!element?.dataset?.optimistic) return;
    const chip = element.closest("[data-row]").querySelector(".chip");
    const { tone, text } = JSON.parse(element.dataset.optimistic);
    undo.set(element, { chip, tone: chip.dataset.tone, text: chip.textContent });
    chip.dataset.tone = tone;
    chip.textContent = text;
    element.disabled = true;
  });
  const rollback = event => {
    const element = source(event), before = element && undo.get(element);
    if (!before) return false;
    before.chip.dataset.tone = before.tone;
    before.chip.textContent = before.text;
    element.disabled = false;
    undo.delete(element);
    return true;
  };

  /* an address holds only what was asked */
  document.addEventListener("htmx:config:request", event => {
    const { form, body } = event.detail.ctx.request;
    if (!form?.matches(".filters")) return;
    [...body.entries()].forEach(([name, value]) => { if (value === "") body.delete(name); });
  });
  document.addEventListener("htmx:response:error", event => {
    const status = event.detail.ctx.response.status;
    const restored = rollback(event);
    if (event.detail.ctx.response.headers?.get?.("HX-Retarget")) return; // the page shows the refusal itself
    if (status === 422 && !restored) return; // the fragment says what is wrong
    const tail = restored ? "，已恢复原状" : "，您填写的内容还在";
    toast(({
      403: "没有操作权限" + tail,
      404: "没有找到这条记录" + tail,
      409: "别人刚改过这条" + tail + "，请刷新后再办",
    })[status] ?? "没有保存成功" + tail, "danger");
  });
  document.addEventListener("htmx:error", event => {
    const restored = rollback(event);
    toast(restored ? "没有连上服务器，已恢复原状" : "没有连上服务器，您填写的内容还在。请稍后再试", "danger");
  });
  document.addEventListener("htmx:after:swap", () => {
    const refusal = document.querySelector("#refusal > .note");
    if (refusal) refusal.scrollIntoView({ block: "center", behavior: "smooth" });
  });
})();
