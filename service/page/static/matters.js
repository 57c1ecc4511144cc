// Matters: petitions that stand together.

import { get } from "./api.js";
import { emptyState, faultState, find, h, tell } from "./dom.js";
import { CHANNEL, STATUS, loadNames, nameOf } from "./names.js";

const list = find("#list");
const more = find("#more");

async function load() {
  try {
    await loadNames();
    const page = await get("/v1/matters");
    list.replaceChildren(page.matters.length
      ? h("div.sheet", {}, page.matters.map(entry))
      : emptyState("还没有合并的来信", "在办理来信时按 M，就能把同一事项的来信并在一起。"));
    showMore(page.next);
  } catch (error) {
    list.replaceChildren(faultState(error, load));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

function showMore(next) {
  more.hidden = !next;
  more.onclick = async () => {
    const page = await get("/v1/matters", { cursor: next });
    find(".sheet", list).append(...page.matters.map(entry));
    showMore(page.next);
  };
}

function entry(matter) {
  const days = matter.first === matter.last ? matter.first : [matter.first, matter.last].filter(Boolean).join(" 至 ");
  const place = h("div", {}, h("p.loading", {}, "正在取信……"));
  return h("details.matter", { ontoggle: (event) => event.target.open && open(matter.key, place) },
    h("summary", {}, h("strong", {}, `${matter.size} 封`), h("span", {}, `事项 ${matter.key}`), h("span.faint", {}, days ?? "")), place);
}

async function open(key, place) {
  try {
    const { petitions } = await get(`/v1/matters/${key}`);
    place.replaceChildren(h("ul", {}, petitions.map((one) => h("li", {},
      h("span.faint.number", {}, one.received.slice(0, 10)),
      h("a", { href: `/letters/${one.key}` }, one.title || `${one.opening}…`),
      h("span.faint", {}, [CHANNEL[one.channel] ?? one.channel, nameOf("unit", one.subject_unit), STATUS[one.status]].filter(Boolean).join(" · "))))));
  } catch (error) {
    tell(error.message, "failed");
  }
}

await load();
