/* Papers are sent one by one: how far each is, which were not kept and why. Without script the form sends them at once. */
(() => {
  const send = (form, file, show) => new Promise(done => {
    const body = new FormData(form), request = new XMLHttpRequest();
    body.delete("files");
    body.append("files", file, file.name);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", event => show(event.lengthComputable ? 100 * event.loaded / event.total : 0));
    request.addEventListener("loadend", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* the server, or something before it, gave no answer of ours */ }
      done(answer.kept ? "" : answer.why || "没有传上去，文件还在您的设备上。请检查网络后再传这一份。");
    });
    request.send(body);
  });
  const line = file => {
    const item = document.createElement("li"), name = document.createElement("span"), bar = document.createElement("progress"), words = document.createElement("span");
    name.textContent = file.name;
    words.className = "m";
    words.textContent = "等待上传";
    bar.className = "bar";
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", `上传进度：${file.name}`);
    item.append(name, bar, words);
    return { item, bar, words };
  };

  document.addEventListener("submit", async event => {
    const form = event.target.closest?.("form[data-upload]");
    const files = form ? [...form.querySelectorAll("input[type=file]")].flatMap(input => [...input.files]) : [];
    if (!files.length) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    const list = form.querySelector("[data-sending]"), said = form.querySelector("[data-sent]");
    const lines = files.map(line);
    list.replaceChildren(...lines.map(one => one.item));
    list.hidden = false;
    let kept = 0;
    for (const [n, file] of files.entries()) {
      const { item, bar, words } = lines[n];
      words.textContent = "正在上传";
      const why = await send(form, file, share => { bar.value = share; words.textContent = share < 100 ? `已上传 ${Math.round(share)}%` : "正在保存"; });
      item.dataset.tone = why ? "danger" : "ok";
      words.textContent = why || "已保存，正在识别";
      bar.value = 100;
      kept += why ? 0 : 1;
    }
    said.textContent = kept === files.length ? `${kept} 份都已保存。` : `${kept} 份已保存，${files.length - kept} 份没有保存，原因写在文件下面。`;
    form.querySelectorAll("input[type=file]").forEach(input => { input.value = ""; });
    form.querySelectorAll("[data-chosen]").forEach(one => { one.textContent = ""; });
    delete form.dataset.busy;
    button.removeAttribute("aria-busy");
    if (kept === files.length) window.location.assign(window.location.pathname);
    else if (kept) window.htmx?.ajax("GET", window.location.pathname, { target: "#results", select: "#results", swap: "outerHTML" });
  }, true);
  document.addEventListener("change", event => {
    if (event.target.matches("form[data-upload] .camera input") && event.target.files.length) event.target.form.requestSubmit();
  });
})();
