// In `study watch --serve` alone: the page comes again after a save, or says what is wrong.
(() => {
  "use strict";
  let version = null, box = null;
  const show = (problems) => {
    box?.remove();
    box = null;
    if (!problems.length) return;
    box = document.createElement("div");
    box.setAttribute("role", "alert");
    box.style.cssText = "position:fixed;inset:auto 0 0 0;max-height:60vh;overflow:auto;z-index:99;padding:1rem 1.5rem;background:#2b1114;color:#ffe3e0;font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;border-top:3px solid #ff6b61";
    box.textContent = problems.join("\n\n");
    document.body.append(box);
  };
  const events = new EventSource("/-/events");
  events.addEventListener("message", (event) => {
    const said = JSON.parse(event.data);
    if (version !== null && said.version !== version) { location.reload(); return; }
    version = said.version;
    show(said.problems);
  });
  addEventListener("pagehide", () => events.close());
})();
