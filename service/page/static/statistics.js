// Agreement between suggestions and decisions.

import { get } from "./api.js";
import { emptyState, faultState, fill, find, h } from "./dom.js";
import { loadNames, nameOf } from "./names.js";

const GROUPS = { category: "内容分类", unit: "承办单位", clerk: "办理人", version: "模型版本" };
const FIELDS = { kind: "来件性质", content: "内容分类", primary: "主要问题", discipline: "全部问题", subject_unit: "被反映单位", handling_unit: "承办单位", urgent: "紧急" };
const RULES = { level_above: "反映上级管理的干部", own_head: "反映本机关主要负责人" };
const SEEN = { clerk: "办理人", program: "程序" };
const table = find("#table");

function tabs(chosen) {
  find("#by").replaceChildren(...Object.entries(GROUPS).map(([by, name]) =>
    h("button", { type: "button", "aria-pressed": String(by === chosen), onclick: () => load(by) }, name)));
}

async function load(by) {
  tabs(by);
  table.setAttribute("aria-busy", "true");
  try {
    await loadNames();
    const { groups } = await get("/v1/statistics/agreement", { by });
    fill(table, groups.length ? agreement(by, groups) : emptyState("还没有可比的决定", "有建议的来信分办后，这里显示一致率。"));
  } catch (error) {
    fill(table, faultState(error, () => load(by)));
  } finally {
    table.removeAttribute("aria-busy");
  }
}

function agreement(by, groups) {
  const rows = groups.length > 1 ? [...groups, total(groups)] : groups;
  return h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, GROUPS[by]), h("th.number", { scope: "col" }, "决定数"), Object.values(FIELDS).map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map((group) => h("tr", {},
      h("th", { scope: "row" }, label(by, group), group.blind && h("span.mark", {}, "盲测")),
      h("td.number", {}, group.decisions.toLocaleString()),
      Object.keys(FIELDS).map((field) => h("td", {}, rate(group, field)))))));
}

function total(groups) {
  const sum = (name) => Object.fromEntries(Object.keys(FIELDS).map((field) => [field, groups.reduce((all, group) => all + group[name][field], 0)]));
  return { group: "合计", whole: true, blind: false, decisions: groups.reduce((all, group) => all + group.decisions, 0), suggested: sum("suggested"), agreed: sum("agreed") };
}

function label(by, group) {
  if (group.whole) return group.group;
  return (by === "unit" ? nameOf("unit", group.group) : group.group) || "未定";
}

function rate({ suggested, agreed }, field) {
  if (!suggested[field]) return h("span.faint", {}, "—");
  const share = agreed[field] / suggested[field];
  return h("span.rate", { title: `${agreed[field]} / ${suggested[field]}` },
    h("span.number", {}, `${Math.round(share * 100)}%`), h("meter", { min: 0, max: 1, value: share, "aria-hidden": "true" }));
}

async function loadHeldBack() {
  const place = find("#held");
  try {
    const { counts } = await get("/v1/statistics/held-back");
    fill(place, counts.length
      ? h("table", {}, h("thead", {}, h("tr", {}, ["月份", "类别", "由谁发现", "件数"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, counts.map((one) => h("tr", {}, h("td", {}, one.month), h("td", {}, RULES[one.rule] ?? one.rule), h("td", {}, SEEN[one.seen_by] ?? one.seen_by), h("td", {}, one.count)))))
      : h("p.faint", {}, "没有。"));
  } catch (error) {
    fill(place, faultState(error, loadHeldBack));
  }
}

await Promise.all([load("category"), loadHeldBack()]);
