// The right side: what to choose, why, and the buttons. Drawn anew after every change.

import { fill, h, percent } from "./dom.js";
import { nameOf } from "./names.js";
import { GROUPS, isChosen, optionsOf } from "./state.js";

/**
 * Draws the choices.
 * desk: {letter, state, extras, active, note, vocabulary, readOnly}
 * on: {choose(group, code, also), activate(group), search(group), urgent(flag), note(text), accept(), leave(), merge(), undo(), suggest(), keys()}
 */
export function drawChoices(root, desk, on) {
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  fill(root,
    h("h2.unseen", { id: "decision-heading" }, "办理"),
    h("div.groups", {}, advice(desk, on), GROUPS.map((group) => drawGroup(group, desk, on)), drawUrgent(desk, on), drawNote(desk, on)),
    desk.readOnly ? h("p.actions.faint", {}, "你可以阅读，不能办理。") : drawActions(desk, on),
  );
  if (focused) root.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  keepInSight(root.querySelector(".groups"), root.querySelector(".group.active"));
}

/** Scrolls the column alone; where the whole page scrolls, as on a phone, it stays where it is. */
function keepInSight(column, group) {
  const below = group.offsetTop + group.offsetHeight - column.offsetTop - column.clientHeight;
  const above = group.offsetTop - column.offsetTop;
  if (below > 0) column.scrollTop = below;
  else if (above < column.scrollTop) column.scrollTop = above;
}

function advice({ letter, readOnly }, on) {
  if (letter.suggestion) return null;
  const ask = !letter.blind && !readOnly && h("button.plain", { type: "button", data: { id: "suggest" }, onclick: on.suggest }, "请程序看一遍");
  return h("p.advice", {}, letter.blind ? "这封信不显示建议，用来如实测量一致率。请自行选择。" : "这封信没有建议。按数字或 S 自行选择。", ask);
}

function drawGroup(group, desk, on) {
  const options = optionsOf(group, desk.letter, desk.state, desk.extras, desk.vocabulary);
  const active = desk.active === group.id;
  const shown = active ? options : options.filter((one) => isChosen(desk.state, group.id, one.code));
  const empty = group.needed && !desk.state[group.id];
  const several = group.id === "primary";
  return h(`section.group${active ? ".active" : ""}${empty ? ".undecided" : ""}`, { "aria-labelledby": `group-${group.id}` },
    h("header", {},
      h("button.group-name", { type: "button", id: `group-${group.id}`, data: { id: `name-${group.id}` }, "aria-expanded": String(active), onclick: () => on.activate(group.id) }, group.name),
      !desk.readOnly && h("button.plain", { type: "button", data: { id: `search-${group.id}` }, onclick: () => on.search(group.id), "aria-label": `搜索${group.name}` }, "搜索", active && h("kbd", {}, "S"))),
    h("div.options", { role: several ? "group" : "radiogroup", "aria-labelledby": `group-${group.id}` },
      shown.map((option) => drawOption(group, option, options.indexOf(option), desk, on))),
    !shown.length && h("button.unsure", { type: "button", data: { id: `unsure-${group.id}` }, onclick: () => on.activate(group.id) }, "不确定，请选择"),
    active && !options.length && h("p.faint.small", {}, "没有建议，请搜索。"));
}

function drawOption(group, option, index, desk, on) {
  const chosen = isChosen(desk.state, group.id, option.code);
  const active = desk.active === group.id;
  const several = group.id === "primary";
  return h(`button.option${chosen ? ".chosen" : ""}`, {
    type: "button",
    role: several ? "checkbox" : "radio",
    "aria-checked": String(chosen),
    disabled: desk.readOnly,
    data: { id: `${group.id}-${option.code}`, option: option.code },
    onclick: (event) => (active ? on.choose(group.id, option.code, event.shiftKey) : on.activate(group.id)),
  },
    active && h("span.digit", { "aria-hidden": "true" }, index < 5 ? index + 1 : "·"),
    h("span.name", {}, option.name, several && chosen && desk.state.discipline.length > 1 && h("span.part", {}, option.code === desk.state.primary ? "主" : "兼")),
    scoreOf(option),
    active && reasonOf(option));
}

function scoreOf(option) {
  if (option.byHand) return h("span.score", {}, "自选");
  if (option.score === undefined) return null;
  return h(`span.score${option.accepted ? "" : ".low"}`, {}, option.accepted ? percent(option.score) : `不确定 ${percent(option.score)}`);
}

/** Why: a unit's reason, or the first words of the letter that led to it. */
function reasonOf(option) {
  const words = option.reason || option.evidence.slice(0, 2).map((one) => `“${one.text}”`).join(" ");
  return words ? h("span.reason", {}, words) : null;
}

function drawUrgent({ state, letter, readOnly }, on) {
  const quotes = letter.suggestion?.urgent.flag ? letter.suggestion.urgent.evidence.map((one) => `“${one.text}”`).join(" ") : "";
  return h("label.check.urgent-line", {},
    h("input", { type: "checkbox", checked: state.urgent, disabled: readOnly, data: { id: "urgent" }, onchange: (event) => on.urgent(event.target.checked) }),
    h("span", {}, "紧急，不能等 ", h("kbd", {}, "J"), quotes && h("span.reason", {}, quotes)));
}

function drawNote({ note, readOnly }, on) {
  return h("div.note", {},
    h("label", { htmlFor: "note" }, "拟办意见 ", h("kbd", {}, "N")),
    h("textarea", { id: "note", rows: 2, maxLength: 2000, value: note, disabled: readOnly, data: { id: "note" }, oninput: (event) => on.note(event.target.value) }));
}

function drawActions({ busy, comparing }, on) {
  return h("div.actions", {},
    h("button.accept", { type: "button", data: { id: "accept" }, disabled: busy, onclick: on.accept }, busy ? "正在保存……" : "分办完成，下一封", h("kbd", {}, "Enter")),
    h("div.others", {},
      h("button.quiet", { type: "button", data: { id: "leave" }, disabled: busy, onclick: on.leave }, "留待", h("kbd", {}, "Esc")),
      h("button.quiet", { type: "button", data: { id: "merge" }, disabled: busy, onclick: on.merge }, comparing ? "合并" : "找重复", h("kbd", {}, "M")),
      h("button.quiet", { type: "button", data: { id: "undo" }, disabled: busy, onclick: on.undo }, "撤销", h("kbd", {}, "U")),
      h("button.quiet", { type: "button", data: { id: "keys" }, onclick: on.keys, "aria-label": "快捷键" }, h("kbd", {}, "?"))));
}

/** A decision in one line. */
export function decisionLine(decision) {
  const parts = [nameOf("kind", decision.kind), nameOf("content", decision.content), nameOf("discipline", decision.primary), nameOf("unit", decision.handling_unit) && `交 ${nameOf("unit", decision.handling_unit)}`];
  return parts.filter(Boolean).join(" · ");
}
