"""Everything that is fitted, measured and saved, and the Suggester that uses it."""
