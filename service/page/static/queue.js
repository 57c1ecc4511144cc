// The queue: filters, search, counts, and the letters in their order.

import { get } from "./api.js";
import { emptyState, faultState, find, h, hasRole, meta, tell } from "./dom.js";
import { keepFilters, readFilters } from "./filters.js";
import { CHANNEL, STATUS, loadNames, nameOf } from "./names.js";

const PAGE = 50;
const form = find("#filters");
const list = find("#list");
const more = find("#more");
let filters = readFilters();
let asked = 0;

function fillUnits(units) {
  const shown = units.filter((unit) => !unit.path.includes(" › "));
  find("#f-unit").append(...shown.map((unit) => h("option", { value: unit.code }, unit.name)));
}

function fillCategories({ content, discipline }) {
  const tops = content.filter((one) => !one.code.includes("/"));
  const points = [...new Map(discipline.map((one) => [one.path || one.code, one])).values()];
  find("#f-category").append(
    h("optgroup", { label: "内容分类" }, tops.map((one) => h("option", { value: one.code }, one.name))),
    h("optgroup", { label: "监督问题" },
      points.map((one) => h("option", { value: one.path.split(" ")[0] || one.code }, one.path || `${one.code} ${one.name}`))),
  );
}

function showFilters() {
  for (const name of ["q", "unit", "category", "since", "until"]) form.elements[name].value = filters[name] ?? "";
  form.elements.urgent.checked = filters.urgent === "true";
  const count = ["unit", "category", "since", "until", "urgent", "matter"].filter((name) => filters[name]).length;
  find("#filter-count").textContent = count ? ` · ${count}` : "";
}

function change(changes) {
  filters = keepFilters({ ...filters, ...changes });
  showFilters();
  load();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", (event) => {
  const { name, value, type, checked } = event.target;
  if (name) change({ [name]: type === "checkbox" ? (checked ? value : "") : value.trim() });
});
find("#clear").addEventListener("click", () => change({ unit: "", category: "", since: "", until: "", urgent: "", matter: "" }));

let typing = 0;
form.elements.q.addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => change({ q: event.target.value.trim() }), 300);
});
if (!hasRole("clerk")) find(".search").hidden = true;

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !writing) {
    event.preventDefault();
    form.elements.q.focus();
  }
  if (event.key === "Enter" && (event.target === document.body || event.target.id === "main")) find("#list a")?.click();
});

/** Counts and the first page; an answer that comes after a newer question is left aside. */
async function load() {
  const mine = ++asked;
  list.setAttribute("aria-busy", "true");
  const { status, ...others } = filters;
  try {
    const [counts, page] = await Promise.all([
      get("/v1/petitions/counts", others),
      get("/v1/petitions", { ...filters, limit: PAGE, order: status === "open" || status === "left_open" ? "queue" : "newest" }),
    ]);
    if (mine !== asked) return;
    showCounts(counts);
    list.replaceChildren(page.petitions.length ? table(page.petitions) : nothing());
    showMore(page.next);
  } catch (error) {
    if (mine === asked) list.replaceChildren(faultState(error, load));
  } finally {
    if (mine === asked) list.removeAttribute("aria-busy");
  }
}

function showCounts(counts) {
  const tab = (status, name, count) => h("button", {
    type: "button",
    "aria-pressed": String((filters.status ?? "") === status),
    onclick: () => change({ status }),
  }, name, h("span.count", {}, count.toLocaleString()));
  const all = counts.open + counts.decided + counts.left_open;
  find("#status").replaceChildren(
    ...Object.entries(STATUS).map(([status, name]) => tab(status, name, counts[status])),
    tab("", "全部", all),
    ...(counts.urgent ? [h("span.urgent-count", {}, `紧急 ${counts.urgent}`)] : []),
  );
}

function showMore(next) {
  more.hidden = !next;
  more.onclick = async () => {
    more.disabled = true;
    try {
      const order = filters.status === "open" || filters.status === "left_open" ? "queue" : "newest";
      const page = await get("/v1/petitions", { ...filters, limit: PAGE, order, cursor: next });
      find("tbody", list).append(...page.petitions.map(row));
      showMore(page.next);
    } catch (error) {
      tell(error.message, "failed");
    } finally {
      more.disabled = false;
    }
  };
}

function nothing() {
  if (filters.q || filters.unit || filters.category || filters.since || filters.until || filters.urgent) {
    return emptyState("没有符合条件的来信", "换一个词，或清除筛选。",
      h("button.quiet", { type: "button", onclick: () => change({ q: "", unit: "", category: "", since: "", until: "", urgent: "" }) }, "清除筛选"));
  }
  if (filters.status === "open") {
    return emptyState("待办已清空", "新来信录入或导入后会出现在这里。", h("a", { href: "/intake" }, "录入来信"), "　", h("a", { href: "/uploads" }, "批量读一批"));
  }
  return emptyState("这里还没有来信");
}

function table(petitions) {
  const heads = [["标题", ""], ["内容分类", "category"], ["监督问题", "problem"], ["被反映单位", "unit"], ["收件", "received"]];
  return h("table.letters", {},
    h("caption.unseen", {}, "来信，紧急的在前"),
    h("thead", {}, h("tr", {}, heads.map(([name, kind]) => h("th", { scope: "col", className: kind }, name)))),
    h("tbody", {}, petitions.map(row)));
}

function row(petition) {
  const marks = [
    petition.urgent && h("span.mark.urgent", {}, "紧急"),
    petition.confidential && h("span.mark", {}, "保密件"),
    petition.matter && h("span.mark", {}, "重复"),
    petition.status !== "open" && filters.status !== petition.status && h("span.mark", {}, STATUS[petition.status]),
  ].filter(Boolean);
  return h("tr", {},
    h("td.title", {},
      h("a", { href: `/letters/${petition.key}` }, petition.title || `${petition.opening}…`), marks,
      petition.holder && String(petition.holder.key) !== meta("account") && h("span.holder", {}, `${petition.holder.display_name} 正在办理`)),
    h("td.category", {}, petition.content ? petition.content.split("/").at(-1) : unsure(petition)),
    h("td.problem", {}, petition.primary ? nameOf("discipline", petition.primary) : unsure(petition)),
    h("td.unit", {}, nameOf("unit", petition.subject_unit) || "—"),
    h("td.received", {}, petition.received.slice(0, 10) || "—", h("span.faint", {}, CHANNEL[petition.channel] ?? petition.channel)));
}

function unsure(petition) {
  return h("span.faint", {}, petition.blind ? "盲测" : "不确定");
}

showFilters();
list.replaceChildren(h("p.loading", {}, "正在取信……"));
try {
  const vocabulary = await loadNames();
  fillUnits(vocabulary.unit);
  fillCategories(vocabulary);
} catch (error) {
  tell(error.message, "failed");
}
showFilters();
await load();
