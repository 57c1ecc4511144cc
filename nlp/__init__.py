"""Text in, structure out, on plain str: normalising, tokenising, the spaCy language."""
