// The head of every page: colours, large type, signing out.

import { send } from "./api.js";
import { find, tell } from "./dom.js";

find(".top nav [aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });

const root = document.documentElement;
const theme = find("#theme");
const large = find("#large");

theme.value = root.dataset.theme;
large.checked = root.dataset.size === "large";

theme.addEventListener("change", () => {
  localStorage.setItem("fenban.theme", theme.value);
  root.dataset.theme = theme.value;
});

large.addEventListener("change", () => {
  const size = large.checked ? "large" : "";
  localStorage.setItem("fenban.size", size);
  root.dataset.size = size;
});

find("#sign-out").addEventListener("click", async () => {
  try {
    await send("DELETE", "/v1/session");
    sessionStorage.clear();
    location.assign("/sign-in");
  } catch (error) {
    tell(error.message, "failed");
  }
});

// A menu closes when something else is clicked, or with Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[open].account, details[open].more")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopPropagation();
}, true);
