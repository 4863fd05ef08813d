// The checklist beside the editor: fresh after each save, and a way from each finding to its place.
(() => {
  const panel = () => document.querySelector("[data-checklist]");
  const say = (words) => {
    const status = panel()?.querySelector("[data-checklist-status]");
    if (status) status.textContent = words;
  };

  const count = (inside) => {
    const facts = inside.querySelector("[data-checklist-blocking]");
    const badge = document.querySelector('[data-side-panel-toggle="checklist"] [data-side-panel-toggle-counter]');
    if (!facts) return;
    const { checklistBlocking: blocking, checklistAdvice: advice } = facts.dataset;
    if (badge) {
      badge.textContent = blocking;
      badge.hidden = blocking === "0";
    }
    say(`${blocking} blocking, ${advice} advice`);
  };

  let asked = 0;
  const refresh = async () => {
    const url = panel()?.dataset.checklistUrl;
    const inside = panel()?.querySelector("[data-checklist-inside]");
    if (!url || !inside) return;
    const turn = ++asked;
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const html = await answer.text();
      // A later save has asked, too: its answer counts.
      if (turn !== asked) return;
      const links = () => [...inside.querySelectorAll("a, button")];
      const focused = links().indexOf(document.activeElement);
      inside.innerHTML = html;
      if (focused >= 0) (links()[focused] ?? inside.querySelector("a, button"))?.focus({ preventScroll: true });
      count(inside);
    } catch {
      say("The checklist could not be loaded. It shows what was known before.");
    }
  };

  const placeOf = (field, block) => {
    const place = document.querySelector(`[data-edit-form] [data-contentpath="${CSS.escape(field)}"]`);
    const inner = block && place?.querySelector(`[data-contentpath="${CSS.escape(block)}"]`);
    return inner || place || document.getElementById(`id_${field}-FORMS`)?.closest("section") || null;
  };

  // Tabs and folds open with a little delay; what is hidden cannot take the focus.
  const opened = async (element) => {
    for (let frame = 0; frame < 60 && !element.getClientRects().length; frame += 1) {
      await new Promise((resolve) => window.requestAnimationFrame(resolve));
    }
  };

  const show = async (place) => {
    const tab = place.closest('[role="tabpanel"]');
    if (tab?.hidden) document.querySelector(`[role="tab"][aria-controls="${tab.id}"]`)?.click();
    if (tab) await opened(tab);
    // Panels and blocks that are folded open from the outside in.
    const folds = [];
    for (let node = place; node; node = node.parentElement) {
      if (node.matches("[data-panel]")) folds.unshift(node.querySelector("[data-panel-toggle]"));
    }
    folds.push(place.querySelector("[data-panel] [data-panel-toggle]"));
    for (const toggle of folds) if (toggle?.getAttribute("aria-expanded") === "false") toggle.click();
    await opened(place);
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    const isShown = (element) => element.getClientRects().length > 0;
    const inputs = 'input:not([type="hidden"]), textarea:not([tabindex="-1"]), select, [contenteditable="true"]';
    const target = [...place.querySelectorAll(inputs), ...place.querySelectorAll("button, a[href]"), place].find(isShown) ?? place;
    if (target === place) place.tabIndex = -1;
    target.focus({ preventScroll: true });
  };

  const follow = (field, block) => {
    const place = placeOf(field, block);
    if (place) show(place);
    return Boolean(place);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-checklist] a[data-checklist-field]");
    if (link && follow(link.dataset.checklistField, link.dataset.checklistBlock)) event.preventDefault();
    if (event.target.closest("[data-checklist-refresh]")) refresh();
    if (event.target.closest("[data-checklist-checks]")) document.querySelector('[data-side-panel-toggle="checks"]')?.click();
  });
  document.addEventListener("w-autosave:success", refresh);

  // From another page: the address names the place, and the editor may still be building its blocks.
  const arrive = (attempts) => {
    const path = new URLSearchParams(window.location.hash.split(":w:")[1] ?? "").get("contentpath");
    if (!path) return;
    const [field, block] = path.split(".");
    const isThere = placeOf(field, block) && (!block || document.querySelector(`[data-contentpath="${CSS.escape(block)}"]`));
    if (isThere) follow(field, block);
    else if (attempts > 0) window.setTimeout(() => arrive(attempts - 1), 100);
  };
  window.addEventListener("load", () => window.setTimeout(() => arrive(20), 100));
})();
