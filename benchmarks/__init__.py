"""Speed, memory and recall of a running server, beside plain libraries on the same data: `python -m benchmarks`."""
