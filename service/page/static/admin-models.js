// Versions of the models: which is in use, put another into use, go back. A person decides.

import { get, send } from "./api.js";
import { faultState, fill, find, h, tell } from "./dom.js";

const place = find("#models");

async function load() {
  try {
    draw(await get("/v1/models"));
  } catch (error) {
    fill(place, faultState(error, load));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function draw({ versions, current, loaded, fault }) {
  fill(place,
    h("h2", {}, "在用模型"),
    h("p", {}, h("code", {}, loaded ?? "没有模型")),
    fault && failed(loaded, fault),
    h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "版本"), h("th", { scope: "col" }, "状态"), h("th", { scope: "col" }, h("span.unseen", {}, "操作")))),
      h("tbody", {},
        h("tr", {}, h("td", {}, "随程序附带"), h("td", {}, current === null ? "在用" : ""), h("td", {})),
        versions.map((name) => h("tr", {}, h("td", {}, name), h("td", {}, name === current ? "在用" : ""),
          h("td", {}, name !== current && h("button.plain", { type: "button", onclick: () => move("promote", `换用 ${name}？`, { name }) }, "换用")))))),
    h("p.buttons", {},
      h("button.quiet", { type: "button", disabled: current === null, onclick: () => move("rollback", "退回上一个版本？") }, "退回上一版本"), " ",
      h("button.quiet", { type: "button", onclick: () => move("reload", "重新读入模型？") }, "重新读入")));
}

/** The service's own words are for whoever looks into it; they name files and parts of a version. */
function failed(loaded, fault) {
  const told = loaded ? `要换的版本没有读成，仍在用 ${loaded}。` : "没有读成模型：来信照常录入和分办，只是没有建议。";
  return [
    h("p.fault", {}, `${told}原因如下，日志里也有：`),
    h("p.small", {}, h("code", { lang: "en" }, fault)),
  ];
}

async function move(action, question, body) {
  if (!confirm(question)) return;
  try {
    draw(await send("POST", `/v1/models/${action}`, body));
    tell("已完成。");
  } catch (error) {
    tell(error.message, "failed");
  }
}

await load();
