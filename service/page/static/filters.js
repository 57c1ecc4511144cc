// The queue's filters. They stay with the tab, so that the letter page knows which letter is next; a search word may be
// a person's name and so stands in no address.

const STORED = "fenban.filters";
const NAMES = ["status", "unit", "category", "urgent", "since", "until", "matter", "q"];

/** The filters now; an address such as /queue?unit=T03 sets them. */
export function readFilters() {
  const asked = new URLSearchParams(location.search);
  if (location.pathname === "/queue" && asked.size) {
    return keepFilters(Object.fromEntries(NAMES.filter((name) => asked.get(name)).map((name) => [name, asked.get(name)])));
  }
  try {
    return JSON.parse(sessionStorage.getItem(STORED)) ?? { status: "open" };
  } catch {
    return { status: "open" };
  }
}

export function keepFilters(filters) {
  const kept = Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
  sessionStorage.setItem(STORED, JSON.stringify(kept));
  return kept;
}
