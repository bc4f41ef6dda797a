// What reading is nicer with. Nothing here is needed to read, and nothing here asks another machine.
(() => {
  "use strict";
  const root = document.documentElement;
  const script = document.currentScript;
  const keep = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* private window */ } },
  };
  const theme = keep.get("study:theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };

  document.addEventListener("DOMContentLoaded", () => {
    const words = JSON.parse(document.getElementById("words").textContent);
    const tools = document.querySelector(".top .tools");

    // Light and dark: what the machine says, until the reader says otherwise.
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
    const light = make("button", { type: "button", onclick: () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      keep.set("study:theme", root.dataset.theme);
      name();
    } });
    const name = () => { light.textContent = isDark() ? words.light : words.dark; };
    dark.addEventListener("change", name);
    name();

    // A language switch stays at the section.
    const here = () => {
      let found = "";
      for (const heading of document.querySelectorAll(".text :is(h2, h3)[id]")) {
        if (heading.getBoundingClientRect().top > innerHeight / 3) break;
        found = heading.id;
      }
      return found;
    };
    for (const link of document.querySelectorAll(".languages a")) {
      const address = link.getAttribute("href");
      link.addEventListener("click", () => { const at = here(); if (at) link.setAttribute("href", `${address}#${at}`); });
    }

    // Code is copied by a button.
    if (navigator.clipboard) {
      for (const block of document.querySelectorAll(".highlight")) {
        const button = make("button", { type: "button", class: "copy", onclick: async () => {
          await navigator.clipboard.writeText(block.querySelector("code").textContent);
          button.textContent = words.copied;
          setTimeout(() => { button.textContent = words.copy; }, 2000);
        } }, words.copy);
        block.append(button);
      }
    }

    // What does not scroll needs no stop of the tabulator.
    const stops = () => {
      for (const box of document.querySelectorAll(".scroll")) {
        if (box.scrollWidth > box.clientWidth + 1) box.setAttribute("tabindex", "0");
        else box.removeAttribute("tabindex");
      }
    };
    stops();
    document.fonts?.ready.then(stops);
    addEventListener("resize", stops);

    // The contents say where the reader is.
    const lines = new Map([...document.querySelectorAll("nav.contents a")].map((a) => [a.getAttribute("href").slice(1), a]));
    if (lines.size) {
      let current = null;
      const mark = () => {
        const line = lines.get(here());
        if (line === current) return;
        current?.classList.remove("current");
        current?.removeAttribute("aria-current");
        line?.classList.add("current");
        line?.setAttribute("aria-current", "true");
        current = line;
      };
      addEventListener("scroll", mark, { passive: true });
      mark();
    }

    previews();
    ticks(words);
    const search = searching(words);
    if (search) tools.append(search);
    tools.append(light);
  });

  // What a reference leads to, shown beside it. Escape takes it away; it stays under the pointer.
  const previews = () => {
    let shown = null, timer = 0;
    const hide = () => { clearTimeout(timer); shown?.box.remove(); shown?.link.removeAttribute("aria-describedby"); shown = null; };
    const later = (task, time) => { clearTimeout(timer); timer = setTimeout(task, time); };
    const show = (link) => {
      if (shown?.link === link) return;
      hide();
      const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!target || target.closest("main") === null) return;
      const copy = (/^H[2-5]$/.test(target.tagName) ? target : target.closest("figure, .equation, .admonition, p, li, div") || target).cloneNode(true);
      copy.removeAttribute("id");
      for (const inner of copy.querySelectorAll("[id]")) if (!inner.closest("svg")) inner.removeAttribute("id");
      for (const inner of copy.querySelectorAll("a, button, [tabindex]")) inner.setAttribute("tabindex", "-1");
      const box = make("div", { class: "preview", role: "tooltip", id: "preview" }, copy);
      box.addEventListener("pointerenter", () => clearTimeout(timer));
      box.addEventListener("pointerleave", () => later(hide, 200));
      document.body.append(box);
      const at = link.getBoundingClientRect();
      const left = Math.max(16, Math.min(at.left, root.clientWidth - box.offsetWidth - 16));
      const below = at.bottom + box.offsetHeight + 12 < innerHeight || at.top < box.offsetHeight + 12;
      box.style.left = `${left + scrollX}px`;
      box.style.top = `${(below ? at.bottom + 6 : at.top - box.offsetHeight - 6) + scrollY}px`;
      link.setAttribute("aria-describedby", "preview");
      shown = { link, box };
    };
    for (const link of document.querySelectorAll('.text a[href^="#"]:is(.ref, .citation, .term, .quoted)')) {
      link.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") later(() => show(link), 250); });
      link.addEventListener("pointerleave", () => later(hide, 250));
      link.addEventListener("focus", () => { if (link.matches(":focus-visible")) show(link); });
      link.addEventListener("blur", hide);
      link.addEventListener("click", hide);
    }
    addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  };

  // Ticks of the reading path stay in this browser.
  const ticks = (words) => {
    const items = [...document.querySelectorAll(".path [data-key]")];
    if (!items.length) return;
    const done = new Set(JSON.parse(keep.get("study:read") || "[]"));
    const count = document.querySelector("[data-ticked]");
    const tell = () => {
      count.hidden = false;
      count.textContent = words.ticked.replace("{done}", items.filter((item) => done.has(item.dataset.key)).length).replace("{all}", items.length);
    };
    items.forEach((item, number) => {
      const label = make("span", { id: `item-${number}` }, ...item.childNodes);
      const box = make("input", { type: "checkbox", "aria-labelledby": label.id, onchange: () => {
        box.checked ? done.add(item.dataset.key) : done.delete(item.dataset.key);
        item.classList.toggle("ticked", box.checked);
        keep.set("study:read", JSON.stringify([...done]));
        tell();
      } });
      box.checked = done.has(item.dataset.key);
      item.classList.add("tickable");
      item.classList.toggle("ticked", box.checked);
      item.append(box, label);
    });
    tell();
  };

  // Search: every word must stand in a section; headings count more. The texts come with the first use.
  const searching = (words) => {
    const source = script?.dataset.search;
    if (!source || !window.HTMLDialogElement) return null;
    const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLocaleLowerCase();
    let texts = null;
    const load = () => new Promise((done, failed) => {
      if (texts) return done();
      const tag = make("script", { src: source, onload: () => {
        texts = window.studyTexts.map(([address, place, title, text]) => ({ address, place, title, text, head: fold(`${title} ${place}`), body: fold(text) }));
        done();
      }, onerror: failed });
      document.head.append(tag);
    });
    const list = make("ol");
    const count = make("p", { class: "count", role: "status" });
    const field = make("input", { type: "search", "aria-label": words.search, autocomplete: "off", spellcheck: "false" });
    const dialog = make("dialog", { class: "search", "aria-label": words.search },
      make("form", { method: "dialog" }, field, make("button", { type: "submit", value: "close" }, words.close)), count, list);
    document.body.append(dialog);
    const find = () => {
      const wanted = fold(field.value).split(/\s+/).filter(Boolean);
      list.replaceChildren();
      count.textContent = "";
      if (!texts || !wanted.length) return;
      const found = [];
      for (const text of texts) {
        let rank = 0;
        for (const word of wanted) {
          const inHead = text.head.includes(word), at = text.body.indexOf(word);
          if (!inHead && at < 0) { rank = -1; break; }
          rank += (inHead ? 10 : 0) + (at >= 0 ? 1 + 1 / (1 + at / 200) : 0);
        }
        if (rank >= 0) found.push([rank, text]);
      }
      found.sort((a, b) => b[0] - a[0]);
      count.textContent = words.found.replace("{n}", found.length);
      for (const [, text] of found.slice(0, 20)) {
        const at = Math.max(0, Math.min(...wanted.map((word) => { const i = text.body.indexOf(word); return i < 0 ? Infinity : i; })) - 60);
        const start = Number.isFinite(at) ? at : 0;
        const piece = text.text.slice(start, start + 180);
        const shown = make("span");
        let rest = piece;
        for (;;) {
          const low = fold(rest);
          const hits = low.length === rest.length ? wanted.map((word) => [low.indexOf(word), word.length]).filter(([i]) => i >= 0) : [];
          if (!hits.length) { shown.append(rest); break; }
          const [i, length] = hits.sort((a, b) => a[0] - b[0])[0];
          shown.append(rest.slice(0, i), make("mark", {}, rest.slice(i, i + length)));
          rest = rest.slice(i + length);
        }
        list.append(make("li", {}, make("a", { href: text.address, onclick: () => dialog.close() },
          make("span", { class: "place" }, text.place + (text.title ? ` · ${text.title}` : "")), start ? "…" : "", shown, "…")));
      }
    };
    field.addEventListener("input", find);
    const open = async () => { dialog.showModal(); field.focus(); field.select(); await load(); find(); };
    addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.ctrlKey && !event.metaKey && !dialog.open && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) { event.preventDefault(); open(); }
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    return make("button", { type: "button", onclick: open, "aria-keyshortcuts": "/" }, words.search);
  };
})();
