// The two schemes, for looking things up.

import { get } from "./api.js";
import { faultState, fill, find, h } from "./dom.js";
import { loadNames, search } from "./names.js";

const place = find("#list");

function table(name, categories) {
  return [h("h2", {}, name), h("table", {},
    h("thead", {}, h("tr", {}, ["代码", "名称", "说明"].map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, categories.map((one) => h(`tr.indent-${one.level}`, {}, h("td.faint", {}, one.code.includes("/") ? "" : one.code), h("td", {}, one.name), h("td.small.faint", {}, one.note)))))];
}

async function load() {
  try {
    const [vocabulary, discipline, content] = await Promise.all([loadNames(), get("/v1/schemes/discipline"), get("/v1/schemes/content")]);
    const draw = (typed) => {
      const kept = (list, scheme) => {
        if (!typed) return scheme.categories;
        const codes = new Set(search(vocabulary[list], typed, 500).map((one) => one.code));
        return scheme.categories.filter((one) => codes.has(one.code)).map((one) => (one.code.includes("/") ? { ...one, level: 1, name: one.code.replaceAll("/", " › ") } : one));
      };
      fill(place, table("监督问题清单", kept("discipline", discipline)), table("信访事项内容分类", kept("content", content)));
    };
    draw("");
    find("#find").addEventListener("input", (event) => draw(event.target.value.trim()));
  } catch (error) {
    fill(place, faultState(error, load));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

await load();
