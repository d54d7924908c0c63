"""The referee of benchmarks: facts about an answer, from the instance alone."""
