// What a clerk is about to decide, worked out from the suggestion. Pure functions; nothing here touches the page.

import { nameOf } from "./names.js";

export const GROUPS = [
  { id: "kind", name: "来件性质", list: "kind", needed: true },
  { id: "content", name: "内容分类", list: "content", needed: true },
  { id: "primary", name: "监督问题", list: "discipline", needed: true },
  { id: "subject_unit", name: "被反映单位", list: "unit", needed: false },
  { id: "handling_unit", name: "承办单位", list: "unit", needed: true },
];
const NO_PROBLEM = "Z0";
const MOST_OPTIONS = 5;
/** A unit that is as likely wrong as right is nothing to begin with; categories come with their own threshold. */
const EVEN = 0.5;

const EMPTY = { kind: null, content: null, discipline: [], primary: null, subject_unit: null, handling_unit: null, urgent: false };

/** What `accept` stands for at the service. */
export function acceptedState(suggestion) {
  if (!suggestion) return { ...EMPTY };
  const { kind, content, discipline, primary, subject_unit: subject, handling_unit: handling, urgent } = suggestion;
  return {
    kind: kind?.accepted ? kind.label : null,
    content: content.find((one) => one.accepted)?.label ?? null,
    discipline: discipline.filter((one) => one.accepted).map((one) => one.label),
    primary,
    subject_unit: subject?.code ?? null,
    handling_unit: handling[0]?.code ?? null,
    urgent: urgent.flag,
  };
}

/** What stands chosen when a letter is opened: the decision that holds, or what is suggested with enough confidence. */
export function firstState(letter) {
  const decided = letter.status === "open" ? null : letter.decisions.at(-1);
  if (decided) return Object.fromEntries(Object.keys(EMPTY).map((name) => [name, decided[name]]));
  const state = acceptedState(letter.suggestion);
  for (const name of ["subject_unit", "handling_unit"]) {
    const option = unitsOf(letter.suggestion, name).find((one) => one.code === state[name]);
    if (option && option.score < EVEN) state[name] = null;
  }
  if (!state.discipline.includes(state.primary)) Object.assign(state, { primary: null, discipline: [] });
  return state;
}

export const missing = (state) => GROUPS.find((group) => group.needed && !state[group.id]) ?? null;

/** The body of a decision without its version. */
export function verdict(state, suggestion, note) {
  const same = suggestion && canonical(state) === canonical(acceptedState(suggestion));
  return same ? { action: "accept", note } : { action: "change", ...state, note };
}

const canonical = (state) => JSON.stringify(Object.keys(EMPTY).map((name) => (name === "discipline" ? [...state[name]].sort() : state[name])));

/** The state with another choice in one group; `also` adds or removes a further problem beside the primary one. */
export function choose(state, group, code, also = false) {
  if (group !== "primary") return { ...state, [group]: code || null };
  if (!also || code === NO_PROBLEM || !state.primary || state.primary === NO_PROBLEM) return { ...state, primary: code, discipline: [code] };
  if (code === state.primary) return state;
  const others = state.discipline.filter((one) => one !== code);
  return { ...state, discipline: others.length < state.discipline.length ? others : [...state.discipline, code] };
}

export function isChosen(state, group, code) {
  return group === "primary" ? state.discipline.includes(code) : (state[group] ?? "") === code;
}

/** The options of a group: what is suggested, and what was picked by hand. */
export function optionsOf(group, letter, state, extras, vocabulary) {
  const suggested = suggestedOptions(group.id, letter.suggestion, vocabulary);
  const chosen = group.id === "primary" ? state.discipline : [state[group.id]];
  const byHand = [...new Set([...(extras[group.id] ?? []), ...chosen])].filter((code) => code && !suggested.some((one) => one.code === code));
  return [...suggested, ...byHand.map((code) => ({ code, name: nameOf(group.list, code), evidence: [], byHand: true }))];
}

function suggestedOptions(id, suggestion, vocabulary) {
  if (id === "kind") {
    const { kind } = suggestion ?? {};
    return vocabulary.kind.map((one) => (kind?.label === one.code ? fromLabel("kind", kind) : { ...one, evidence: [] }));
  }
  if (id === "content") return (suggestion?.content ?? []).slice(0, MOST_OPTIONS).map((one) => fromLabel("content", one));
  if (id === "primary") return problems(suggestion);
  const units = unitsOf(suggestion, id).slice(0, MOST_OPTIONS);
  return id === "subject_unit" ? [...units, { code: "", name: "不指向具体单位", evidence: [] }] : units;
}

function problems(suggestion) {
  const options = (suggestion?.discipline ?? []).slice(0, MOST_OPTIONS).map((one) => fromLabel("discipline", one));
  const none = { code: NO_PROBLEM, name: nameOf("discipline", NO_PROBLEM), evidence: [] };
  return options.length === MOST_OPTIONS || options.some((one) => one.code === NO_PROBLEM) ? options : [...options, none];
}

const fromLabel = (list, one) => ({ code: one.label, name: nameOf(list, one.label), score: one.score, accepted: one.accepted, evidence: one.evidence });

function unitsOf(suggestion, id) {
  const units = id === "subject_unit" ? [suggestion?.subject_unit].filter(Boolean) : suggestion?.handling_unit ?? [];
  return units.map((one) => ({ ...one, accepted: one.score >= EVEN }));
}
