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

/** Shortest run of characters that two letters have in common; shorter ones are every letter's. */
const RUN = 4;

/**
 * What sets a text apart from another: spans of what is new in it, or, where nearly all of it is, of what both say. Two
 * letters in different words would otherwise be marked from end to end.
 */
export function comparedSpans(text, other) {
  const mine = Array.from(text);
  const same = commonCharacters(mine, Array.from(other));
  const written = mine.filter((one) => !/\s/.test(one)).length;
  const kind = same.filter(Boolean).length * 2 < written ? "same" : "new";
  return runs(same.map((common, at) => common === (kind === "same") && !/[\s\p{P}]/u.test(mine[at])))
    .filter(({ start, end }) => end - start > 2)
    .map((span) => ({ ...span, kind }));
}

function commonCharacters(mine, theirs) {
  const known = new Set();
  for (let at = 0; at + RUN <= theirs.length; at += 1) known.add(theirs.slice(at, at + RUN).join(""));
  const same = new Array(mine.length).fill(false);
  for (let at = 0; at + RUN <= mine.length; at += 1) {
    if (known.has(mine.slice(at, at + RUN).join(""))) same.fill(true, at, at + RUN);
  }
  return same;
}

function runs(flags) {
  const found = [];
  flags.forEach((flag, at) => {
    if (!flag) return;
    if (found.at(-1)?.end === at) found.at(-1).end = at + 1;
    else found.push({ start: at, end: at + 1 });
  });
  return found;
}
