// What must outlive a reload: drafts, a decision that is under way, the steps that can be undone. It stays with the tab
// and is gone when that is closed or its clerk signs out: a shared machine keeps nothing.

const read = (name, otherwise) => {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const write = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));

const draftName = (key) => `fenban.draft.${key}`;

/** The draft of a letter, or null where it was made on an earlier version. */
export function draftOf(letter) {
  const draft = read(draftName(letter.key), null);
  return draft?.version === letter.version ? draft : null;
}
export const keepDraft = (letter, draft) => write(draftName(letter.key), { version: letter.version, ...draft });
export const dropDraft = (key) => sessionStorage.removeItem(draftName(key));

const PENDING = "fenban.pending";

/** A write that was sent and not yet acknowledged: {petition, path, body, key}. */
export const pendingWrite = () => read(PENDING, null);
export const keepPending = (write_) => write(PENDING, write_);
export const dropPending = () => sessionStorage.removeItem(PENDING);

const STEPS = "fenban.steps";
const MOST_STEPS = 50;

/** Steps that can be undone, the last one last: {kind: "decision", petition, version} or {kind: "matter", change, petition}. */
export const pushStep = (step) => write(STEPS, [...read(STEPS, []), step].slice(-MOST_STEPS));
export const lastStep = () => read(STEPS, []).at(-1) ?? null;
export const popStep = () => write(STEPS, read(STEPS, []).slice(0, -1));
