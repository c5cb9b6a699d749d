/* File drop areas: drag onto, or click; names and sizes of what was chosen are shown before anything is sent. */
(() => {
  const size = bytes => bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
  const show = input => {
    const chosen = input.closest("[data-drop]")?.querySelector("[data-chosen]");
    if (chosen) chosen.textContent = [...input.files].map(file => `${file.name}（${size(file.size)}）`).join("，");
  };
  document.addEventListener("change", event => { if (event.target.matches("[data-drop] input[type=file]")) show(event.target); });
  const area = event => event.target.closest?.("[data-drop]");
  document.addEventListener("dragover", event => { if (area(event)) { event.preventDefault(); area(event).classList.add("over"); } });
  document.addEventListener("dragleave", event => area(event)?.classList.remove("over"));
  document.addEventListener("drop", event => {
    const label = area(event);
    if (!label) return;
    event.preventDefault();
    label.classList.remove("over");
    const input = label.querySelector("input[type=file]");
    const files = new DataTransfer();
    [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1).forEach(file => files.items.add(file));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
