"""What the specs of one family say alike, a module for each family: functions that return parts of a spec.

A spec spreads the parts: `forms=(*unary.forms("exp"), Form("torch.special.exp2(input)"))`. None of the functions
returns a whole spec, and none takes a switch: what an operation lacks is left out in its spec.
"""
