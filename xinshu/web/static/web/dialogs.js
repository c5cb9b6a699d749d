/* Dialogs, confirmations, and forms that are sent once. */
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);

  document.addEventListener("click", event => {
    const opener = event.target.closest("[data-open]");
    const dialog = opener && document.getElementById(opener.dataset.open);
    if (dialog && !dialog.open) {
      dialog.showModal();
      gate(dialog);
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target.matches("dialog[open]")) event.target.close(); // the backdrop
    const unlock = event.target.closest("[data-unlock]");
    if (unlock) {
      const field = document.getElementById(unlock.dataset.unlock);
      field.readOnly = false;
      field.focus();
      unlock.remove();
    }
  });

  /* an act that needs a reason stays closed until there is one */
  const gate = from => from.querySelectorAll("form[data-needs-reason]").forEach(form => {
    $("[type=submit]", form).disabled = !form.checkValidity();
  });
  document.addEventListener("input", event => {
    const form = event.target.closest("form[data-needs-reason]");
    if (form) gate(form.parentElement);
  });

  /* one shared question: "title|consequence|verb" */
  const ask = text => new Promise(answer => {
    const [title, body = "", verb = "继续办理"] = text.split("|");
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "ask-title");
    const part = (name, ...inside) => {
      const box = document.createElement("div");
      box.className = name;
      box.append(...inside);
      return box;
    };
    const choice = (label, value, look) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = look;
      button.textContent = label;
      button.addEventListener("click", () => dialog.close(value));
      return button;
    };
    const paragraph = document.createElement("p");
    paragraph.textContent = body;
    const head = part("dh", title);
    head.id = "ask-title";
    dialog.append(head, part("db", paragraph), part("df", choice("先不办", "no", "btn"), choice(verb, "yes", "btn pri")));
    dialog.addEventListener("close", () => { answer(dialog.returnValue === "yes"); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  });
  window.ask = ask;

  document.addEventListener("htmx:confirm", async event => {
    event.preventDefault();
    if (await ask(event.detail.ctx.confirm)) event.detail.issueRequest();
    else event.detail.dropRequest();
  });
  const agreed = new WeakSet();
  document.addEventListener("submit", async event => {
    const text = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (!text || agreed.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!await ask(text)) return;
    agreed.add(event.target);
    event.target.requestSubmit(event.submitter);
  }, true);

  document.addEventListener("click", async event => {
    const link = event.target.closest("a[data-confirm]");
    if (!link) return;
    event.preventDefault();
    if (await ask(link.dataset.confirm)) location.href = link.href;
  });

  /* a second click does nothing: plain POST forms go out once, the server's version check is the real guard */
  document.addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.closest("[hx-post]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    // after the browser has read the pressed button's name and value
    setTimeout(() => form.querySelectorAll("[type=submit]").forEach(button => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }));
    // an answer that is a download leaves the page standing
    setTimeout(() => reopen(form), 8000);
  });
  const reopen = form => {
    delete form.dataset.sent;
    agreed.delete(form);
    form.querySelectorAll("[type=submit][aria-busy]").forEach(button => {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    });
  };
  addEventListener("pageshow", event => { if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(reopen); });

  /* back to where one came from, with what one had typed */
  document.addEventListener("click", event => {
    const back = event.target.closest("a[data-back]");
    if (!back || history.length < 2 || !document.referrer.startsWith(location.origin)) return;
    event.preventDefault();
    history.back();
  });
})();
