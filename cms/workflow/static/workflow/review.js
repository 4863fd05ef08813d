// The review page without a mouse: buttons and two keys lead from change to change. Everything else works without scripts.
(() => {
  const changes = [...document.querySelectorAll("[data-review-change]")];
  const jumps = document.querySelector("[data-review-jumps]");
  const keys = document.querySelector("[data-review-keys]");
  const status = document.querySelector("[data-review-status]");
  if (!jumps || !changes.length) return;
  let present = -1;
  jumps.hidden = false;

  // A key that means something to the page must be one that a person can turn off; the choice is kept in this browser.
  const remembered = "attest.review.keys";
  try {
    keys.checked = window.localStorage.getItem(remembered) !== "off";
    keys.addEventListener("change", () => window.localStorage.setItem(remembered, keys.checked ? "on" : "off"));
  } catch {
    // Storage can be forbidden; the keys then work as the box says, until the page is left.
  }

  const jump = (step) => {
    const focused = changes.findIndex((change) => change.contains(document.activeElement));
    present = Math.min(Math.max((focused >= 0 ? focused : present) + step, 0), changes.length - 1);
    changes[present].focus({ preventScroll: true });
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    changes[present].scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    status.textContent = `Change ${present + 1} of ${changes.length}`;
  };

  jumps.addEventListener("click", (event) => {
    const button = event.target.closest("[data-review-jump]");
    if (button) jump(Number(button.dataset.reviewJump));
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (!keys.checked || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n" || event.key === "p") {
      event.preventDefault();
      jump(event.key === "n" ? 1 : -1);
    }
  });
})();
