/* A paper beside its fields: the field in hand lights its box; Enter and N go to the next one that a person must look at. */
(() => {
  const rows = () => [...document.querySelectorAll(".readrow[data-field]")];
  const open = row => row.hasAttribute("data-look") && !row.querySelector("input[type=checkbox]")?.checked && !row.dataset.changed;

  const light = row => {
    document.querySelectorAll(".sheet rect.lit, .readrow.on").forEach(one => one.classList.remove("lit", "on"));
    row.classList.add("on");
    const box = [...document.querySelectorAll(".sheet rect[data-box]")].find(one => one.dataset.box === row.dataset.field);
    if (!box) return;
    box.classList.add("lit");
    const sheets = document.querySelector(".sheets"), place = box.getBoundingClientRect(), room = sheets.getBoundingClientRect();
    sheets.scrollTop += place.top - room.top - room.height / 2 + place.height / 2;
  };
  const count = () => {
    const left = document.querySelector("[data-left]"), n = rows().filter(open).length;
    if (left) left.textContent = n ? `${n} 处需要核对` : "都核对过了，可以确认";
  };
  const next = from => {
    const all = rows(), start = from ? all.indexOf(from) + 1 : 0;
    const row = [...all.slice(start), ...all.slice(0, start)].find(one => open(one) && one !== from);
    if (!row) { document.querySelector("[data-readform] button.pri")?.focus(); return; }
    row.closest("details")?.setAttribute("open", "");
    const input = row.querySelector("input.in");
    input.focus();
    input.select();
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("focusin", event => {
    const row = event.target.closest?.(".readrow[data-field]");
    if (row) light(row);
  });
  document.addEventListener("click", event => {
    const box = event.target.closest?.(".sheet rect[data-box]");
    if (box) {
      const row = rows().find(one => one.dataset.field === box.dataset.box);
      row?.closest("details")?.setAttribute("open", "");
      row?.querySelector("input.in, output")?.focus();
    }
    if (event.target.closest?.("[data-next]")) next(document.querySelector(".readrow.on"));
  });
  document.addEventListener("input", event => {
    const row = event.target.closest?.(".readrow[data-field]");
    if (!row) return;
    if (event.target.matches("input.in")) row.dataset.changed = event.target.value === event.target.defaultValue ? "" : "1";
    count();
  });
  document.addEventListener("keydown", event => {
    const row = event.target.closest?.(".readrow[data-field]"), form = document.querySelector("[data-readform]");
    if (!form) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && row) { event.preventDefault(); form.requestSubmit(); return; }
    if (event.key === "Enter" && row && event.target.matches("input.in") && !event.isComposing) {
      event.preventDefault();
      const tick = row.querySelector("input[type=checkbox]");
      if (tick && !row.dataset.changed) { tick.checked = true; count(); }
      next(row);
      return;
    }
    if (event.key.toLowerCase() === "n" && !event.target.closest("input, textarea, select, dialog") && !event.metaKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      next(document.querySelector(".readrow.on"));
    }
  });
})();
