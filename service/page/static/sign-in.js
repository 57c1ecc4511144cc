// Signing in. Whoever is signed in already goes on at once.

import { Problem } from "./api.js";
import { find, ready } from "./dom.js";
import { explain } from "./messages.js";

const form = find("#sign-in");
const fault = find(".fault");

function goOn() {
  const next = new URL(new URLSearchParams(location.search).get("next") || "/", location.origin);
  location.replace(next.origin === location.origin ? next.pathname : "/");
}

// A link from elsewhere arrives without the cookie, which is sent from our own pages only.
fetch("/v1/me").then(async (answer) => {
  await answer.text();
  if (answer.ok) goOn();
}, () => {});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.hidden = true;
  const button = find("button", form);
  button.disabled = true;
  try {
    const answer = await fetch("/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: form.name.value, password: form.password.value }),
    });
    if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => null));
    goOn();
  } catch (error) {
    fault.textContent = error.code === "" && error.status === 401 ? explain(401, { code: "sign_in" }) : wordsOf(error);
    fault.hidden = false;
    form.password.select();
  } finally {
    button.disabled = false;
  }
});

function wordsOf(error) {
  if (error.status === 429) return "输错次数太多，请过一刻钟再试。";
  return error instanceof Problem ? error.message : "连不上服务，请检查服务是否在运行。";
}

ready(form);
