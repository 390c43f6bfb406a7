"""The parts of tests/bench/run: brokers and what they use, the rows of the table, results and how they are shown."""
