// The left side: the letter's head, its text with marks, and what was decided so far.

import { decisionLine } from "./choices.js";
import { fill, h, momentOf } from "./dom.js";
import { spansOf } from "./earlier.js";
import { MARKS, markedText } from "./marked-text.js";
import { CHANNEL, STATUS, nameOf } from "./names.js";
import { isChosen } from "./state.js";

const ACTIONS = { accept: "采纳建议", change: "分办", leave_open: "留待", undo: "撤销" };
/** Kinds of marks that the clerk has switched off; for this page's life. */
const hidden = new Set();

/** Draws the letter; the words behind the chosen options of the active group stand out. */
export function drawLetter(root, { letter, state, active }, options, compared) {
  const focus = options.filter((option) => isChosen(state, active, option.code));
  const spans = spansOf(letter, state, focus, compared).filter((one) => !hidden.has(one.kind));
  fill(root,
    head(letter),
    legend(letter, () => drawLetter(root, { letter, state, active }, options, compared)),
    h("div.text", {}, markedText(letter.text, spans)),
    history(letter));
}

function head(letter) {
  const facts = [
    letter.id,
    letter.received.slice(0, 10),
    CHANNEL[letter.channel] ?? letter.channel,
    letter.intake_unit && `${nameOf("unit", letter.intake_unit)}收`,
  ].filter(Boolean);
  const writer = letter.masked ? "信访人已隐去" : [letter.petitioner || "匿名", letter.phone].filter(Boolean).join("　");
  return h("header.letter-head", {},
    h("h1", { id: "letter-title", tabIndex: -1 }, letter.title || h("span.faint", {}, "无标题"),
      letter.urgent && h("span.mark.urgent", {}, "紧急"),
      letter.confidential && h("span.mark.secret", {}, "保密件"),
      letter.signed && h("span.mark", {}, "署名"),
      letter.status !== "open" && h("span.mark", {}, STATUS[letter.status])),
    h("p.faint", {}, facts.map((fact) => h("span", {}, fact)), h("span", {}, writer),
      h("a", { href: `/letters/${letter.key}/slip`, target: "_blank", rel: "noopener" }, "办理单")));
}

function legend(letter, again) {
  if (!letter.suggestion) return null;
  return h("div.legend", { role: "group", "aria-label": "标记" }, Object.entries(MARKS).map(([kind, name]) => h("button", {
    type: "button",
    "aria-pressed": String(!hidden.has(kind)),
    onclick: () => {
      if (!hidden.delete(kind)) hidden.add(kind);
      again();
    },
  }, h(`mark.${kind}`, {}, name))));
}

function history(letter) {
  if (!letter.decisions.length) return null;
  return h("section.history", {}, h("h2", {}, "办理记录"), h("ol", {}, letter.decisions.map((one) => h("li", {},
    h("span.faint", {}, momentOf(one.created_at)), ` ${one.by} ${ACTIONS[one.action]}`,
    one.action === "undo" || one.action === "leave_open" ? "" : `：${decisionLine(one)}`,
    one.note && h("span.noted", {}, one.note)))));
}
