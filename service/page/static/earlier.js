// Letters of the same matter beside the open one: which there are, what is new in each, what agrees and what does not.

import { get, send } from "./api.js";
import { fill, h, percent } from "./dom.js";
import { comparedSpans, evidenceSpans, markedText } from "./marked-text.js";
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
  const spans = comparedSpans(compared.text, letter.text);
  const kind = spans[0]?.kind ?? "same";
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
      h("div.text.small-text", {}, markedText(compared.text, [...evidenceSpans(compared.suggestion), ...spans])),
      spans.length > 0 && h("p.faint.small", {}, h(`mark.${kind}`, {}, "这样标出的"), kind === "new" ? " 是两信不同之处。" : " 是两信相同的话。")),
    !readOnly && h("div.earlier-actions", {}, entry.merged
      ? h("button.quiet", { type: "button", onclick: on.split }, "不是同一事项，拆出")
      : h("button", { type: "button", onclick: on.merge }, "是同一事项，合并", h("kbd", {}, "M"))));
}

const relationOf = (entry) => entry.relation && `${RELATION[entry.relation] ?? entry.relation} ${percent(entry.score)}`;

function points(letter, other, entry) {
  const rows = [
    ["信访人", (one) => [[one.petitioner, one.petitioner]]],
    ["被反映单位", (one) => [[one.subject_unit, nameOf("unit", one.subject_unit)]]],
    ["人员", (one) => factsOf(one).people.filter((person) => person.role !== "complainant").map((person) => [person.text, person.text])],
    ["金额", (one) => factsOf(one).amounts.map((amount) => [amount.yuan ?? amount.text, amount.text])],
    ["年份", (one) => factsOf(one).dates.map((date) => date.value?.slice(0, 4)).map((year) => [year, year])],
  ].map(([name, of]) => pointRow(name, pointsOf(of(letter)), pointsOf(of(other)))).filter(Boolean);
  return [
    entry.evidence?.length > 0 && h("p.reasons", {}, entry.evidence.map(reasonOf)),
    rows.length > 0 && h("table.points", {}, h("caption.unseen", {}, "两信比对"), h("tbody", {}, rows)),
  ];
}

const factsOf = (letter) => letter.suggestion?.facts ?? { people: [], amounts: [], dates: [] };
/** What is compared → how it is written; 三百块 and 300 元 are one amount. */
const pointsOf = (pairs) => new Map(pairs.filter(([value]) => value));

/** The program's reasons are words for clerks; those that speak against it say 不同. */
function reasonOf(words) {
  const differs = words.includes("不同");
  return h(`span.${differs ? "differs" : "agrees"}`, {}, `${differs ? "✗" : "✓"} ${words}`);
}

function pointRow(name, mine, theirs) {
  if (!mine.size || !theirs.size) return null;
  const both = [...mine.keys()].filter((value) => theirs.has(value)).map((value) => mine.get(value));
  const words = (points) => [...points.values()].slice(0, 3).join("、");
  return h("tr", {}, h("th", { scope: "row" }, name), h(`td.${both.length ? "agrees" : "differs"}`, {}, both.length ? "✓ 一致" : "✗ 不同"),
    h("td", {}, both.length ? both.join("、") : `本信 ${words(mine)}；前信 ${words(theirs)}`));
}

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
    path: [nameOf("unit", one.subject_unit), one.primary && nameOf("discipline", one.primary), one.matter && one.matter === letter.matter ? "已合并" : ""].filter(Boolean).join(" · "),
  }));
}

/** Spans of the open letter: its evidence, and what it says beyond the one beside it. */
export function spansOf(letter, state, focus, compared) {
  const found = evidenceSpans(letter.suggestion, state.discipline);
  const led = focus.flatMap((one) => one.evidence ?? []).map(({ start, end }) => ({ start, end, kind: "focus" }));
  return [...found, ...led, ...(compared ? comparedSpans(letter.text, compared.text) : [])];
}
