"""What a document is and where it comes from: records, schemes, units, readers, writers."""
