// The registry of units, for looking things up.

import { get } from "./api.js";
import { faultState, fill, find, h } from "./dom.js";
import { loadNames, search } from "./names.js";

const KIND = { county: "县", department: "部门", discipline: "纪检机构", town: "乡镇", village: "村社区" };
const place = find("#list");
let units = new Map();
let entries = [];

function draw(typed) {
  const shown = typed ? search(entries, typed, 200) : entries;
  fill(place, h("table", {},
    h("thead", {}, h("tr", {}, ["代码", "名称", "类别", "上级", "别名", "职责"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, shown.map(({ code }) => {
      const unit = units.get(code);
      return h("tr", {}, h("td", {}, code), h("td", {}, unit.name), h("td", {}, KIND[unit.kind] ?? unit.kind), h("td", {}, units.get(unit.parent)?.name ?? ""),
        h("td.small.faint", {}, unit.aliases.join("、")), h("td.small.faint", {}, unit.remit.join("；")));
    }))), !shown.length && h("p.faint", {}, "没有找到。"));
}

async function load() {
  try {
    const [vocabulary, answer] = await Promise.all([loadNames(), get("/v1/units")]);
    entries = vocabulary.unit;
    units = new Map(answer.units.map((unit) => [unit.code, unit]));
    draw("");
    find("#find").addEventListener("input", (event) => draw(event.target.value.trim()));
  } catch (error) {
    fill(place, faultState(error, load));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

await load();
