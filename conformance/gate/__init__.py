"""Two torches in, one decision out: is it safe to move from the one to the other?

`run` puts the same samples to two interpreters, `compare` reads two results files; both give a `Comparison`, of which
`decision` says what it amounts to and `telling` what there is to read. Nothing here imports torch.
"""
