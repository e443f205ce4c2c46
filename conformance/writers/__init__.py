"""Reports: each a pure function of a run, one format a file."""
