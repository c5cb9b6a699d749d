/* 中标动态 stays current: when an award is told, the part of the page that lists them is fetched again. */
(() => {
  const refresh = async place => {
    if (place.matches(":focus-within")) { // somebody is at it: as soon as they have left
      place.addEventListener("focusout", () => setTimeout(refresh, 50, place), { once: true });
      return;
    }
    const answer = await fetch(place.dataset.liveAwards, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live-awards]");
    if (!told || !place.isConnected) return;
    const known = new Set([...place.querySelectorAll("[data-award]")].map(row => row.dataset.award));
    told.querySelectorAll("[data-award]").forEach(row => {
      if (!known.has(row.dataset.award)) row.classList.add("fresh");
    });
    place.replaceWith(told);
  };
  document.addEventListener("live:notice", event => {
    if (event.detail.topic === "award") document.querySelectorAll("[data-live-awards]").forEach(refresh);
  });
})();
