"""Values of the oracle as JSON, by docs/man/ironrpc-json.7; written from that page."""
import math
import struct
import uuid

import ndr

EXACT = 1 << 53


def number(value):
    return value if -EXACT <= value <= EXACT else str(value)


def real(kind, bits):
    value = struct.unpack("<f", struct.pack("<I", bits))[0] if kind == "f32" else \
        struct.unpack("<d", struct.pack("<Q", bits))[0]
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def integer(unit, t, value):
    kind = t["kind"]
    if kind in ("enum16", "enum32"):
        names = [arm["name"] for arm in unit.arms(t) if arm["tag"] == value]
        return names[0] if names else value
    if kind == "boolean" and value in (0, 1):
        return bool(value)
    if kind == "char":
        value = ndr.signed(value, 1)
    if kind in ("char", "wchar") and 0x20 < value < 0x7f and not chr(value).isdigit():
        return chr(value)
    return number(value)


def context(data):
    attributes = int.from_bytes(data[:4], "little")
    text = str(uuid.UUID(bytes_le=data[4:]))
    if attributes:
        return {"attributes": attributes, "uuid": text}
    return None if data[4:] == bytes(16) else text


def elements(unit, t, items):
    """A row of an array, or the characters of a string."""
    kind = t["kind"]
    if kind in ("byte", "u8"):
        return bytes(items).hex()
    if kind == "char":
        try:
            return bytes(items).decode("utf-8")
        except UnicodeDecodeError:
            return {"hex": bytes(items).hex()}
    if kind == "wchar":
        try:
            return b"".join(u.to_bytes(2, "little") for u in items).decode("utf-16-le")
        except UnicodeDecodeError:
            pass
    return [value(unit, t, item) for item in items]


def rows(unit, t, dims, items):
    inner = unit.types[t["ref"]]
    if len(dims) == 1:
        return elements(unit, inner, items)
    size = 1
    for dim in dims[1:]:
        size *= dim[2]
    return [rows(unit, inner, dims[1:], items[i * size:(i + 1) * size])
            for i in range(dims[0][2])]


def is_double(unit, t):
    """A pointer that may be NULL to something that may be null: {"to": ...}."""
    if t["n"] == ndr.REF:
        return False
    t = unit.types[t["ref"]]
    while t["kind"] == "pointer" and t["n"] == ndr.REF:
        t = unit.types[t["ref"]]
    return t["kind"] in ("pointer", "context")


def union(unit, t, held):
    out = {"case": integer(unit, unit.types[t["size_is"]], held.tag)}
    arms = [arm for arm in unit.arms(t) if arm["tag"] == held.tag]
    if arms:
        name, kind = arms[0]["name"], arms[0]["type"]
    else:
        name, kind = "default", t["first"]
    if kind:
        out[name] = value(unit, unit.types[kind], held.value)
    return out


def value(unit, t, held):
    kind = t["kind"]
    if kind in ndr.FLOATS:
        return real(kind, held)
    if kind in ndr.BASE:
        return integer(unit, t, held)
    if kind == "struct":
        return {member["name"]: value(unit, unit.types[member["type"]], part)
                for member, part in zip(unit.members(t), held)}
    if kind == "union":
        return union(unit, t, held)
    if kind == "context":
        return context(held)
    if kind == "string":
        return elements(unit, unit.types[t["ref"]], held.units)
    if kind == "array":
        return rows(unit, t, held.dims, held.items)
    if kind == "pipe":
        return [elements(unit, unit.types[t["ref"]], chunk) for chunk in held]
    if held is None:
        return None
    to = value(unit, unit.types[t["ref"]], held.to)
    return {"to": to} if is_double(unit, t) else to


def parameters(unit, opnum, direction, values):
    out = {}
    for i, p in ndr.parameters(unit.operations[opnum], direction):
        name = "return" if p["flags"] & ndr.P_RETURN else p["name"]
        out[name] = value(unit, unit.types[p["type"]], values[i])
    return out
