"""What the letters say together: plain pandas on the ledger that `ledger.make_ledger` makes of tagged petitions."""
