"""Elements of an array as numbers of Python."""


def number_of(element):
    """An element as a bool, an int, a float or a complex number."""
    kind = element.dtype.kind
    if kind == "b":
        return bool(element)
    if kind in "iu":
        return int(element)
    return complex(element) if kind == "c" else float(element)


def nested_list(array):
    """Lists in lists, as deep as the array has dimensions; a number where it has none."""
    if array.ndim == 0:
        return number_of(array)
    return [nested_list(array[place]) if array.ndim > 1 else number_of(array[place]) for place in range(len(array))]
