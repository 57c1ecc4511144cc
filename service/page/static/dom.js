// Building blocks of the pages.

const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** Puts children in place of those that an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/** An element: h("a.name", {href}, child, …). Text is never read as HTML. Properties that are null are left out. */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && name !== "list" && name !== "role") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

export const find = (selector, root = document) => root.querySelector(selector);

export const meta = (name) => find(`meta[name=${name}]`)?.content ?? "";

export const hasRole = (role) => meta("roles").split(" ").includes(role);

/** A short line that is also read aloud. */
export function tell(message, kind = "") {
  const notice = find("#notice");
  notice.className = `notice ${kind}`;
  notice.textContent = message;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { notice.textContent = ""; }, 6000);
}

export const percent = (score) => `${Math.round(score * 100)}%`;

const PARTS = { year: "numeric", month: "2-digit", day: "2-digit" };
const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const dayAndClock = new Intl.DateTimeFormat("zh-CN", { ...PARTS, hour: "2-digit", minute: "2-digit", hour12: false });

export const timeOf = (moment) => clock.format(new Date(moment));
export const momentOf = (moment) => dayAndClock.format(new Date(moment)).replaceAll("/", "-");

/** What stands where a list is empty or could not be had. */
export function emptyState(heading, hint = "", ...actions) {
  return h("div.empty", {}, h("h2", {}, heading), hint && h("p", {}, hint), actions.length > 0 && h("p", {}, ...actions));
}

export function faultState(error, again) {
  return emptyState("没有取到数据", error.message, h("button.quiet", { type: "button", onclick: again }, "再试一次"));
}
