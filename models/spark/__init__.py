"""Tables that outgrow one machine, on Apache Spark: the same reading, scoring and grouping, run by its workers."""
