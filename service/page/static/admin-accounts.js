// Accounts: made, switched off, given a new one-time link.

import { get, send } from "./api.js";
import { faultState, fill, find, h, tell } from "./dom.js";
import { loadNames, nameOf } from "./names.js";

const ROLE = { clerk: "办理人", analyst: "分析员", admin: "管理员" };
const place = find("#accounts");
const form = find("#account");
const fault = find(".fault");

async function load() {
  try {
    const { unit } = await loadNames();
    if (!form.elements.unit.options.length) form.elements.unit.append(...unit.map((one) => h("option", { value: one.code }, `${one.path ? "　".repeat(one.path.split(" › ").length) : ""}${one.name}`)));
    const { accounts } = await get("/v1/accounts", { limit: 200 });
    fill(place, h("table", {},
      h("thead", {}, h("tr", {}, ["账号", "姓名", "角色", "单位", "状态", ""].map((name) => h("th", { scope: "col" }, name || h("span.unseen", {}, "操作"))))),
      h("tbody", {}, accounts.map(row))));
  } catch (error) {
    fill(place, faultState(error, load));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function row(account) {
  return h("tr", {},
    h("td", {}, account.name), h("td", {}, account.display_name),
    h("td", {}, account.roles.map((role) => ROLE[role]).join("、")),
    h("td", {}, account.units.map((code) => nameOf("unit", code)).join("、") || "—"),
    h("td", {}, account.active ? "在用" : "停用"),
    h("td", {},
      h("button.plain", { type: "button", onclick: () => act(() => send("POST", `/v1/accounts/${account.key}/invitation`), (answer) => showLink(account.name, answer.token)) }, "新链接"),
      " ",
      h("button.plain", { type: "button", onclick: () => act(() => send("PATCH", `/v1/accounts/${account.key}`, { active: !account.active }), load) }, account.active ? "停用" : "启用")));
}

async function act(call, then) {
  try {
    await then(await call());
  } catch (error) {
    tell(error.message, "failed");
  }
}

/** The link is shown this once; its token stands behind the #, where no server sees it. */
function showLink(name, token) {
  const link = find("#link");
  fill(link,
    h("h2", {}, `${name} 的一次性链接`),
    h("p", {}, "请当面或通过内部渠道交给本人，72 小时内有效，只显示这一次。"),
    h("span.link", {}, `${location.origin}/setup#token=${token}`));
  link.hidden = false;
  link.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.hidden = true;
  const given = new FormData(form);
  try {
    const answer = await send("POST", "/v1/accounts", {
      name: given.get("name").trim(), display_name: given.get("display_name").trim(), roles: given.getAll("roles"), units: [given.get("unit")],
    });
    showLink(given.get("name"), answer.token);
    form.reset();
    await load();
  } catch (error) {
    fault.textContent = given.getAll("roles").length ? error.message : "至少选一个角色。";
    fault.hidden = false;
  }
});

await load();
