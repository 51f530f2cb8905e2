"""Past orders out of files: rows are kept as lines of the past (`rows`), and once all are in, goods and orders are made
of them (`settling`), returns matched to their sales (`returning`); all of it can be taken back (`undoing`)."""
