"""Built-ins on contexts: read, make, put, merge; none changes the context it is given."""

from amparo.rules.feel.builtins.registry import a_context, a_list, a_string, builtin
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_VALUE_DEPTH
from amparo.rules.feel.values import Value


@builtin("get value", "m", "key")
def get_value(context: Value, key: Value) -> Value:
    return a_context(context).get(a_string(key))


@builtin("get entries", "m")
def get_entries(context: Value) -> Value:
    return [{"key": key, "value": value} for key, value in a_context(context).items()]


@builtin("context", "entries")
def context_of(entries: Value) -> Value:
    made: dict[str, Value] = {}
    for entry in a_list(entries):
        pair = a_context(entry)
        if "key" not in pair or "value" not in pair:
            raise NullCause("context.entry", "an entry needs a key and a value")
        key = a_string(pair["key"])
        if key in made:
            raise NullCause("context.duplicate", f"the key {key} comes twice")
        made[key] = pair["value"]
    return made


@builtin("context put", "context", "key", "value")
@builtin("context put", "context", "keys", "value")
def context_put(context: Value, keys: Value, value: Value) -> Value:
    path = [a_string(key) for key in a_list(keys)]
    if not 1 <= len(path) <= MAX_VALUE_DEPTH:
        raise NullCause("context.keys", f"1 to {MAX_VALUE_DEPTH} keys are needed")
    return _put(a_context(context), path, value)


def _put(context: dict[str, Value], path: list[str], value: Value) -> dict[str, Value]:
    """Put along a path of keys: what all but the last lead to must be contexts already."""
    head, *rest = path
    if not rest:
        return {**context, head: value}
    return {**context, head: _put(a_context(context.get(head)), rest, value)}


@builtin("context merge", "contexts")
def context_merge(contexts: Value) -> Value:
    merged: dict[str, Value] = {}
    for context in a_list(contexts):
        merged.update(a_context(context))
    return merged
