// Finds hosts in the page. Without this script everything is there, open to the browser's own search.
"use strict";
(() => {
  const by = (selector) => [...document.querySelectorAll(selector)];
  const form = document.getElementById("find");
  const field = document.getElementById("q");
  const only = document.getElementById("only");
  const hits = document.getElementById("hits");
  const numbers = (element) => (element.dataset.b || "").split(" ").filter(Boolean);
  const groups = by("section.proxy tbody").map((body) => {
    const name = body.closest("section").querySelector("h2").textContent;
    return { body, text: (name + " " + body.textContent).toLowerCase() };
  });
  const notes = by(".findings li, #breaks li").map((item) => ({ item, text: item.textContent.toLowerCase() }));
  const bands = by("svg [data-b]");

  function show() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = (text) => words.every((word) => text.includes(word));
    const active = words.length > 0 || only.checked;
    const seen = new Set();
    let shown = 0;
    for (const { body, text } of groups) {
      const match = all(text) && (!only.checked || body.classList.contains("broken"));
      body.hidden = !match;
      if (match) {
        shown += 1;
        numbers(body).forEach((number) => seen.add(number));
      }
    }
    for (const section of by("section.proxy")) {
      const bodies = [...section.querySelectorAll("tbody")];
      section.hidden = active && bodies.every((body) => body.hidden);
    }
    for (const band of bands) band.classList.toggle("dim", active && !seen.has(band.dataset.b));
    for (const { item, text } of notes) {
      item.hidden = words.length > 0 && !all(text) && !numbers(item).some((number) => seen.has(number));
    }
    for (const list of by(".findings, #breaks")) {
      list.hidden = [...list.querySelectorAll("li")].every((item) => item.hidden);
    }
    hits.textContent = active ? `${shown} of ${groups.length} hosts` : "";
  }

  // What an anchor leads to is in sight: no search hides it, no closed part holds it.
  function follow() {
    const asked = decode(location.hash);
    if (asked !== null) {
      field.value = asked;
      show();
      return;
    }
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest("[hidden]")) {
      field.value = "";
      only.checked = false;
      show();
    }
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  }

  // page.html#find=shop.example.com is a search that can be handed on.
  function decode(hash) {
    if (!hash.startsWith("#find=")) return null;
    try {
      return decodeURIComponent(hash.slice(6));
    } catch {
      return hash.slice(6);
    }
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = by("details.findings:not([open])");
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input[type=search]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && typing) {
      field.value = "";
      show();
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", show);
  only.addEventListener("change", show);
  form.hidden = false;
  show();
  follow();
})();
