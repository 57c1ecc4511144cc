// A letter typed in. What Art. 15 keeps out is not stored; the clerk is told where it goes.

import { newKey, send } from "./api.js";
import { find, h, ready } from "./dom.js";

const DRAFT = "fenban.intake";
const form = find("#intake");
const fault = find(".fault");
const NAMES = ["title", "text", "petitioner", "phone", "received", "channel", "id"];
const RULES = { level_above: "反映上级管理的干部", own_head: "反映本机关主要负责人" };

const valueOf = (name) => form.elements[name].value.trim();

form.elements.received.value = new Intl.DateTimeFormat("sv-SE").format(new Date());
for (const [name, value] of Object.entries(JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}"))) form.elements[name].value = value;

form.addEventListener("input", () => {
  sessionStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value]))));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.hidden = true;
  find("#held").hidden = true;
  const button = find("button[type=submit]");
  button.disabled = true;
  const body = Object.fromEntries(NAMES.map((name) => [name, valueOf(name)]));
  try {
    const answer = await send("POST", "/v1/petitions", {
      ...body, confidential: form.elements.confidential.checked, reserved: form.elements.reserved.value || null,
    }, newKey());
    sessionStorage.removeItem(DRAFT);
    if (answer.stored) location.assign(`/letters/${answer.petition.key}`);
    else keptOut(answer);
  } catch (error) {
    fault.textContent = error.message;
    fault.hidden = false;
  } finally {
    button.disabled = false;
  }
});

/** Nothing of it stays on this page either. */
function keptOut(answer) {
  const kept = Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value]));
  form.hidden = true;
  find("#held").replaceChildren(
    h("h2", {}, "这封信没有录入"),
    h("dl", {},
      h("dt", {}, "属于"), h("dd", {}, RULES[answer.rule] ?? answer.rule),
      h("dt", {}, "报送"), h("dd", {}, answer.goes_to),
      h("dt", {}, "期限"), h("dd", {}, answer.by ?? "立即")),
    h("p", {}, answer.what_to_do),
    answer.seen_by === "program" ? h("button.quiet", { type: "button", onclick: () => again(kept) }, "已核对，不属于，返回录入") : "",
    " ",
    h("button", { type: "button", onclick: () => location.assign("/queue") }, "知道了"));
  find("#held").hidden = false;
  form.reset();
}

function again(kept) {
  for (const name of NAMES) form.elements[name].value = kept[name];
  form.elements.reserved.value = "no";
  form.hidden = false;
  find("#held").hidden = true;
}

ready(form);
