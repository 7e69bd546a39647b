"""Ways to run an operation other than plainly: each module is one mode, and says how the results must agree.

A mode has `ask(execution)`, which raises `Broken` where they do not and says whether there was anything to ask;
`SHARE`, one sample in so many, from number `FIRST` on; and the `DTYPES` that it is asked of by turns, of those that the
spec takes.
"""
