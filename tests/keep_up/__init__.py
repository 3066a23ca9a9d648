"""Hold at 50,000 users what `make bench` measures at a million: rows, statements and plans."""
