// A dialog that finds one of many while the clerk types: categories, units, letters. ↑ ↓ move, Enter takes, Esc closes.

import { find, h } from "./dom.js";

/**
 * Opens it. `source(typed)` gives entries {code, name, path, hint} or a promise of them; `pick(entry)` is called once.
 */
export function openPicker({ heading, placeholder, source, pick }) {
  const dialog = find("#picker");
  const list = h("ul", { role: "listbox", id: "picker-list", "aria-label": heading });
  const input = h("input", {
    type: "text", role: "combobox", autocomplete: "off", placeholder, maxLength: 100,
    "aria-controls": "picker-list", "aria-expanded": "true", "aria-autocomplete": "list", "aria-labelledby": "picker-heading",
  });
  const count = h("p.faint.small", { role: "status" });
  let entries = [];
  let at = 0;
  let asked = 0;

  function draw() {
    list.replaceChildren(...entries.map((entry, index) => h("li", {
      role: "option", id: `pick-${index}`, "aria-selected": String(index === at), onclick: () => take(entry),
      onmousemove: () => { if (at !== index) { at = index; draw(); } },
    }, h("span.name", {}, entry.name), h("span.code", {}, entry.hint ?? (entry.path === entry.code ? "" : entry.code)), entry.path && h("span.path", {}, entry.path))));
    count.textContent = entries.length ? "" : input.value ? "没有找到，换个说法试试。" : "输入几个字开始查找。";
    if (entries.length) input.setAttribute("aria-activedescendant", `pick-${at}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  async function look() {
    const mine = ++asked;
    try {
      const found = await source(input.value.trim());
      if (mine !== asked) return;
      entries = found;
    } catch (error) {
      if (mine !== asked) return;
      entries = [];
      at = 0;
      draw();
      count.textContent = error.message;
      return;
    }
    at = 0;
    draw();
  }

  function take(entry) {
    dialog.close();
    pick(entry);
  }

  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) {
      event.preventDefault();
      at = (at + step + entries.length) % entries.length;
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (entries[at]) take(entries[at]);
    }
  });
  dialog.replaceChildren(h("h2", { id: "picker-heading" }, heading), input, count, list);
  dialog.showModal();
  input.focus();
  look();
}
