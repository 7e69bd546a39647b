"""The gate: is it safe to move from one torch to another?

`run` asks two interpreters the same samples, and `compare` reads two results files. Both make a `Comparison`. Module
`decision` decides it, and `output` writes it for readers and machines. Nothing here imports torch.
"""
