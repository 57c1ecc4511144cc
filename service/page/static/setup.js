// The one-time link. Its token stands behind the #, where no server sees it.

import { get, Problem } from "./api.js";
import { find } from "./dom.js";

const form = find("#setup");
const fault = find(".fault");
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

const { needed } = await get("/v1/setup");
find("#first").hidden = !needed;
find("#demo-line").hidden = !needed;
find("#name").required = needed;
if (needed) find("#lead").textContent = "设置第一个账号。它管理其他账号，也可以办理来信。";
if (!token) complain("链接不完整，请从头复制整条链接。");
(needed ? form.name : form.password).focus();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.hidden = true;
  if (form.password.value !== form.again.value) return complain("两次输入的口令不一样。");
  const button = find("button", form);
  button.disabled = true;
  try {
    await setUp();
  } catch (error) {
    button.disabled = false;
    complain(error.status === 404 ? "链接已经用过、被替换或过期，请向管理员要一个新的。" : error.message);
  }
  return undefined;
});

async function setUp() {
  const first = needed ? { name: form.name.value, display_name: form.display_name.value } : {};
  await post("/v1/invitations", { token, password: form.password.value, ...first });
  if (!needed) return location.assign("/sign-in");
  const me = await post("/v1/session", { name: form.name.value, password: form.password.value });
  if (form.demo.checked) {
    find("button", form).textContent = "正在放入示例来信……";
    await post("/v1/demo", undefined, me.csrf);
  }
  return location.assign("/");
}

async function post(path, body, csrf = "") {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => null));
  return answer.json();
}

function complain(message) {
  fault.textContent = message;
  fault.hidden = false;
}
