// What stands over the letter when somebody else is at it.

import { decisionLine } from "./choices.js";
import { find, h, timeOf } from "./dom.js";

const banner = find("#banner");

export function clearBanner() {
  banner.hidden = true;
  banner.replaceChildren();
}

function show(...children) {
  banner.replaceChildren(...children);
  banner.hidden = false;
}

/** The second clerk sees who has the letter. */
export function showHolder(holder, again) {
  show(
    h("p", {}, h("strong", {}, `${holder.name} 正在办理这封信`), `（保留到 ${timeOf(holder.until)}）。你可以阅读，暂不能办理。`),
    h("button.quiet", { type: "button", onclick: again }, "再看一次"));
}

/** Somebody decided first: their decision and one's own, and what to do. */
export function showConflict({ theirs, mine }, on) {
  const own = mine.action === "leave_open" ? "留待再办" : decisionLine(mine);
  const first = theirs.action === "leave_open" ? "留待再办" : theirs.action === "undo" ? "撤销了先前的决定" : decisionLine(theirs);
  show(
    h("div", {},
      h("p", {}, h("strong", {}, `${theirs.by} 已于 ${timeOf(theirs.created_at)} 办理这封信，你的选择没有写入。`)),
      h("dl.conflict", {}, h("dt", {}, theirs.by), h("dd", {}, first), h("dt", {}, "你选的"), h("dd", {}, own))),
    h("div.buttons", {},
      h("button", { type: "button", onclick: on.keep }, "保留对方的，看下一封"),
      h("button.quiet", { type: "button", onclick: on.change }, "放回我的选择再改")));
}
