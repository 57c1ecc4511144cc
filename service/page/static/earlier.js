// Letters of the same matter beside the open one: which there are, what is new in each, what agrees and what does not.

import { get, send } from "./api.js";
import { fill, h, percent, tell } from "./dom.js";
import { evidenceSpans, markedText, newSpans } from "./marked-text.js";
import { CHANNEL, RELATION, nameOf } from "./names.js";

/** Others of the letter's matter and those that the program holds for it: [{key, merged, relation, score, evidence}]. */
export async function candidatesOf(letter) {
  const others = new Map(letter.links.map((link) => [link.petition, { key: link.petition, merged: false, ...link }]));
  if (letter.matter) {
    const { petitions } = await get(`/v1/matters/${letter.matter}`);
    for (const one of petitions) {
      if (one.key !== letter.key) others.set(one.key, { ...others.get(one.key), key: one.key, merged: true, received: one.received });
    }
  }
  return [...others.values()].sort((a, b) => b.merged - a.merged || (b.score ?? 0) - (a.score ?? 0));
}

/**
 * Draws the panel. `compared` is the whole letter that is shown, `entry` its candidate.
 * on: {show(key), merge(), split(), close()}
 */
export function drawEarlier(root, { letter, candidates, entry, compared, readOnly }, on) {
  root.hidden = false;
  fill(root,
    h("header.earlier-head", {},
      h("h2", {}, entry.merged ? "同一事项的来信" : "疑似重复来信"),
      h("button.plain", { type: "button", onclick: on.close, "aria-label": "收起对照" }, "收起")),
    candidates.length > 1 && h("div.earlier-tabs", { role: "group", "aria-label": "来信" }, candidates.map((one, index) => h("button", {
      type: "button", "aria-pressed": String(one.key === entry.key), onclick: () => on.show(one.key),
    }, one.received?.slice(0, 10) || `第 ${index + 1} 封`))),
    h("div.earlier-body", {},
      h("h3", {}, h("a", { href: `/letters/${compared.key}` }, compared.title || "无标题")),
      h("p.faint.small", {}, [compared.received.slice(0, 10), CHANNEL[compared.channel] ?? compared.channel, relationOf(entry)].filter(Boolean).join(" · ")),
      points(letter, compared, entry),
      h("div.text.small-text", {}, markedText(compared.text, newSpans(compared.text, letter.text))),
      h("p.faint.small", {}, h("mark.new", {}, "标出的"), " 是两信不同之处。")),
    !readOnly && h("div.earlier-actions", {}, entry.merged
      ? h("button.quiet", { type: "button", onclick: on.split }, "不是同一事项，拆出")
      : h("button", { type: "button", onclick: on.merge }, "是同一事项，并案", h("kbd", {}, "M"))));
}

const relationOf = (entry) => entry.relation && `${RELATION[entry.relation] ?? entry.relation} ${percent(entry.score)}`;

function points(letter, other, entry) {
  const rows = [
    ["来信人", [letter.petitioner], [other.petitioner]],
    ["被反映单位", [nameOf("unit", letter.subject_unit)], [nameOf("unit", other.subject_unit)]],
    ["人员", namesIn(letter), namesIn(other)],
    ["金额", factsIn(letter, "amounts"), factsIn(other, "amounts")],
    ["年份", yearsIn(letter), yearsIn(other)],
  ].map(([name, mine, theirs]) => pointRow(name, mine.filter(Boolean), theirs.filter(Boolean))).filter(Boolean);
  const told = (entry.evidence ?? []).filter((one) => one.reason);
  return [
    told.length > 0 && h("p.reasons", {}, told.map((one) => h(`span.${one.agrees ? "agrees" : "differs"}`, {}, `${one.agrees ? "✓" : "✗"} ${one.reason}`))),
    rows.length > 0 && h("table.points", {}, h("caption.unseen", {}, "两信比对"), h("tbody", {}, rows)),
  ];
}

function pointRow(name, mine, theirs) {
  if (!mine.length || !theirs.length) return null;
  const both = mine.filter((one) => theirs.includes(one));
  const words = both.length ? both.join("、") : `本信 ${mine.slice(0, 3).join("、")}；前信 ${theirs.slice(0, 3).join("、")}`;
  return h("tr", {}, h("th", { scope: "row" }, name), h(`td.${both.length ? "agrees" : "differs"}`, {}, both.length ? "✓ 一致" : "✗ 不同"), h("td", {}, words));
}

const factsOf = (letter) => letter.suggestion?.facts ?? { people: [], amounts: [], dates: [] };
const unique = (values) => [...new Set(values)];
const namesIn = (letter) => unique(factsOf(letter).people.filter((one) => one.role !== "complainant").map((one) => one.text));
const factsIn = (letter, name) => unique(factsOf(letter)[name].map((one) => one.text));
const yearsIn = (letter) => unique(factsOf(letter).dates.map((one) => one.value?.slice(0, 4)).filter(Boolean));

/** Puts two letters into one matter; gives the change, which undoes it. */
export const merge = (keys) => send("POST", "/v1/matters/merges", { petitions: keys });
export const split = (keys) => send("POST", "/v1/matters/splits", { petitions: keys });

/** Letters that may belong to it: by the typed words, otherwise those about the same unit. */
export async function lookForOthers(letter, typed) {
  const asked = typed ? { q: typed } : letter.subject_unit ? { unit: letter.subject_unit } : null;
  if (!asked) return [];
  const { petitions } = await get("/v1/petitions", { ...asked, order: "newest", limit: 20 });
  return petitions.filter((one) => one.key !== letter.key).map((one) => ({
    code: one.key,
    name: one.title || `${one.opening}…`,
    hint: one.received.slice(0, 10),
    path: [nameOf("unit", one.subject_unit), one.primary && nameOf("discipline", one.primary), one.matter && one.matter === letter.matter ? "已并案" : ""].filter(Boolean).join(" · "),
  }));
}

/** Spans of the open letter: its evidence, and what it says beyond the one beside it. */
export function spansOf(letter, state, focus, compared) {
  const found = evidenceSpans(letter.suggestion, state.discipline);
  const led = focus.flatMap((one) => one.evidence ?? []).map(({ start, end }) => ({ start, end, kind: "focus" }));
  return [...found, ...led, ...(compared ? newSpans(letter.text, compared.text) : [])];
}

export const tellMerged = () => tell("已并案。按 U 撤销。");
