// The letter's text with its evidence marked by kind.

import { h } from "./dom.js";

export const MARKS = { problem: "问题", unit: "单位", person: "人员", amount: "金额", date: "日期" };

/** Spans of a suggestion by kind: [{start, end, kind}]. Offsets count code points, as the service does. */
export function evidenceSpans(suggestion, chosenProblems = []) {
  if (!suggestion) return [];
  const chosen = suggestion.discipline.filter((one) => chosenProblems.includes(one.label));
  const { people, amounts, dates } = suggestion.facts;
  const units = [suggestion.subject_unit, ...suggestion.handling_unit.slice(0, 1)].filter(Boolean);
  const of = (kind, spans) => spans.map(({ start, end }) => ({ start, end, kind }));
  return [
    ...of("problem", chosen.flatMap((one) => one.evidence)),
    ...of("unit", units.flatMap((one) => one.evidence)),
    ...of("person", people.flatMap((one) => one.spans.map(([start, end]) => ({ start, end })))),
    ...of("amount", amounts),
    ...of("date", dates),
    ...of("urgent", suggestion.urgent.flag ? suggestion.urgent.evidence : []),
  ];
}

/** The text as nodes; where spans overlap, a piece bears the names of all its kinds. */
export function markedText(text, spans) {
  const characters = Array.from(text);
  const edges = new Set([0, characters.length]);
  for (const { start, end } of spans) edges.add(start).add(end);
  const cuts = [...edges].filter((edge) => edge <= characters.length).sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index];
    const kinds = new Set(spans.filter((one) => one.start <= start && one.end >= end).map((one) => one.kind));
    const piece = characters.slice(start, end).join("");
    return kinds.size ? h("mark", { className: [...kinds].join(" ") }, piece) : piece;
  });
}

const RUN = 5;

/** Spans of `text` that do not stand in `other`: what is new in it. Runs of five characters are compared. */
export function newSpans(text, other) {
  const [mine, theirs] = [text, other].map((one) => Array.from(one));
  const known = new Set();
  for (let at = 0; at + RUN <= theirs.length; at += 1) known.add(theirs.slice(at, at + RUN).join(""));
  const same = new Array(mine.length).fill(false);
  for (let at = 0; at + RUN <= mine.length; at += 1) {
    if (known.has(mine.slice(at, at + RUN).join(""))) same.fill(true, at, at + RUN);
  }
  const spans = [];
  same.forEach((known_, at) => {
    if (known_ || /\s/.test(mine[at])) return;
    const last = spans.at(-1);
    if (last?.end === at) last.end = at + 1;
    else spans.push({ start: at, end: at + 1, kind: "new" });
  });
  return spans.filter(({ start, end }) => end - start > 2);
}
