"""NDR and NDR64 by the book: a slow, plain interpreter of the layout that `ironidl --json` prints.

Written from [C706] chapter 14 and [MS-RPCE] 2.2.4 and 2.2.5, not from src/ndr: where the two
disagree, one of them is wrong. Sizes and alignments on the wire are worked out here; of the layout
only kinds, attributes, members and expressions are used, and offsets to tell which member an
expression reads.

A value: an int for every base type (floating point as its bits, so that every NaN survives); a
list for a struct, in the order of its fields; Array, String, Union, Ref (None for a NULL pointer and
for one with [ignore]); bytes of 20 for a context handle; a list of chunks, lists themselves, for a pipe.
"""
import json
import os
import subprocess
import uuid

# In front of programs that this machine cannot run itself.
WRAPPER = os.environ.get("MESON_EXE_WRAPPER", "").split()

NDR20, NDR64 = 0, 1

# Attributes: IRPC_NDR_F_... of <ironrpc/ndr_type.h>.
CONFORMANT, VARYING, ENCAPSULATED, DEFAULT = 0x10, 0x20, 0x40, 0x80
MS_UNION, RANGE, NOCHECK = 0x100, 0x200, 0x400
REF, UNIQUE, FULL = 1, 2, 3
P_IN, P_OUT, P_RETURN = 1, 2, 4

# kind: (bytes in NDR, bytes in NDR64, signed)
BASE = {
    "boolean": (1, 1, False), "byte": (1, 1, False), "char": (1, 1, False), "u8": (1, 1, False),
    "i8": (1, 1, True), "wchar": (2, 2, False), "u16": (2, 2, False), "i16": (2, 2, True),
    "u32": (4, 4, False), "i32": (4, 4, True), "u64": (8, 8, False), "i64": (8, 8, True),
    "f32": (4, 4, False), "f64": (8, 8, False), "i3264": (4, 8, True), "u3264": (4, 8, False),
    "enum16": (2, 4, True), "enum32": (4, 4, True),
}
FLOATS = ("f32", "f64")


class Refused(Exception):
    """The data, or the value, is not valid."""


class Array:
    """dims: (max_count, offset, actual_count), outermost first; items: those on the wire."""

    def __init__(self, dims, items):
        self.dims = dims
        self.items = items


class String:
    def __init__(self, units, max_count):
        self.units = units  # without the terminator
        self.max_count = max_count


class Union:
    def __init__(self, tag, value):
        self.tag = tag
        self.value = value


class Ref:
    """A pointer that is not NULL. Full pointers that are equal are the same Ref."""

    def __init__(self, to=None):
        self.to = to
        self.open = False
        self.kind = None


def wrap(value):
    """As a signed number of 64 bits."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def signed(value, size):
    value &= (1 << 8 * size) - 1
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


class Scope:
    """What expressions read: the members of a struct, or the parameters of an operation."""

    def __init__(self, unit, members, values):
        self.unit = unit
        self.members = members
        self.values = values

    def at(self, offset):
        for member, value in zip(self.members, self.values):
            start = member["offset"]
            size = self.unit.types[member["type"]]["size"]
            if start <= offset < start + max(size, 1):
                kind = self.unit.types[member["type"]]
                if kind["kind"] == "struct":
                    inner = Scope(self.unit, self.unit.members(kind), value)
                    return inner.at(offset - start)
                return kind, value
        raise AssertionError(f"an expression reads offset {offset}, where nothing is")


class Unit:
    """The layout of one interface."""

    def __init__(self, layout):
        self.layout = layout
        self.types = layout["types"]
        self.operations = layout["operations"]
        self.pickles = layout.get("pickles", [])

    def members(self, t):
        return self.layout["fields"][t["ref"]:t["ref"] + t["n"]]

    def arms(self, t):
        return self.layout["arms"][t["ref"]:t["ref"] + t["n"]]

    def align(self, t, syntax):
        kind = t["kind"]
        if kind in BASE:
            return BASE[kind][syntax]
        if kind in ("pointer", "ignored"):
            return (4, 8)[syntax]
        if kind == "context":
            return 4
        if kind == "struct":
            return max((self.align(self.types[m["type"]], syntax) for m in self.members(t)),
                       default=1)
        if kind == "union":
            return max(self.align(self.types[t["size_is"]], syntax), self.arms_align(t, syntax))
        if kind in ("array", "string"):  # the size information in line counts, [C706] 14.3.2
            element = self.align(self.types[t["ref"]], syntax)
            return max(element, (4, 8)[syntax]) if t["flags"] & VARYING else element
        return 1  # an empty arm

    def start(self, t, syntax):
        """Alignment of a value's first byte. In NDR 2.0, Windows does not align a union as a
        whole (its recorded buffers show it), so one starts as its discriminant does."""
        if t["kind"] == "union" and syntax == NDR20:
            return self.align(self.types[t["size_is"]], syntax)
        return self.align(t, syntax)

    def arms_align(self, t, syntax):
        arms = [arm["type"] for arm in self.arms(t)]
        if t["flags"] & DEFAULT:
            arms.append(t["first"])
        return max((self.align(self.types[arm], syntax) for arm in arms), default=1)

    def arm(self, t, tag):
        for arm in self.arms(t):
            if arm["tag"] == tag:
                return self.types[arm["type"]]
        if t["flags"] & DEFAULT:
            return self.types[t["first"]]
        raise Refused(f"no arm for {tag}")

    def dimensions(self, t):
        """The array types of an array, outermost first, and the type of its elements."""
        dims = []
        while t["kind"] == "array":
            dims.append(t)
            t = self.types[t["ref"]]
        return dims, t

    def tail(self, t, value=None):
        """The conformant array or string that a conformant struct ends in, and its value."""
        while t["kind"] == "struct":
            value = value[-1] if value is not None else None
            t = self.types[self.members(t)[-1]["type"]]
        return t, value

    def is_conformant(self, t):
        if t["kind"] == "array":
            return any(d["flags"] & CONFORMANT for d in self.dimensions(t)[0])
        return bool(t["flags"] & CONFORMANT)

    # --- expressions ---

    def evaluate(self, index, scope):
        stack = []
        while True:
            x = self.layout["exprs"][index]
            op = x["op"]
            if op == "const":
                stack.append(x["value"])
            elif op in ("load", "deref"):
                stack.append(self.load(x, scope))
            elif op in ("neg", "not", "lnot"):
                a = stack.pop()
                stack.append({"neg": wrap(-a), "not": ~a, "lnot": int(a == 0)}[op])
            elif op == "cond":
                c, b, a = stack.pop(), stack.pop(), stack.pop()
                stack.append(b if a else c)
            else:
                b, a = stack.pop(), stack.pop()
                stack.append(wrap(binary(op, a, b)))
            if x["last"]:
                return stack[-1]
            index += 1

    def load(self, x, scope):
        t, value = scope.at(x["offset"])
        if x["op"] == "deref":
            if value is None:
                return 0
            value = value.to
        elif t["kind"] == "pointer":  # a condition: "p ? *p : 0"
            return int(value is not None)
        value &= (1 << 8 * x["width"]) - 1
        return wrap(signed(value, x["width"]) if x["signed"] else value)

    def count(self, index, scope, otherwise):
        if not index:
            return otherwise
        value = self.evaluate(index, scope)
        if not 0 <= value < 1 << 32:
            raise Refused("a count is negative or too large")
        return value

    def in_range(self, t, value):
        if t["flags"] & RANGE:
            low, high = t["range"]
            if not low <= value <= high:
                raise Refused("outside [range]")


def binary(op, a, b):
    if op in ("div", "mod"):
        if b == 0:
            return 0
        quotient = abs(a) // abs(b)
        quotient = -quotient if (a < 0) != (b < 0) else quotient
        return quotient if op == "div" else a - quotient * b
    if op in ("shl", "shr"):
        if not 0 <= b <= 63:
            return 0
        return a << b if op == "shl" else a >> b
    return {
        "add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b,
        "and": lambda: a & b, "or": lambda: a | b, "xor": lambda: a ^ b,
        "eq": lambda: int(a == b), "ne": lambda: int(a != b), "lt": lambda: int(a < b),
        "le": lambda: int(a <= b), "gt": lambda: int(a > b), "ge": lambda: int(a >= b),
        "land": lambda: int(bool(a and b)), "lor": lambda: int(bool(a or b)),
    }[op]()


class Encoder:
    def __init__(self, unit, syntax, big_endian, n_full=0):
        self.unit = unit
        self.syntax = syntax
        self.order = "big" if big_endian else "little"
        self.out = bytearray()
        self.n_referents = 0
        self.n_full = n_full
        self.full = {}  # id of a Ref: (referent, Ref); the Ref is kept so that its id stays its own
        self.written = set()

    def pad(self, align):
        self.out += bytes(-len(self.out) % align)

    def integer(self, value, size):
        self.pad(size)
        self.out += (value & (1 << 8 * size) - 1).to_bytes(size, self.order)

    def word(self, value):
        self.integer(value, (4, 8)[self.syntax])

    def base(self, t, value):
        if t["kind"] == "enum16" and not 0 <= value <= 0x7fff:
            raise Refused("enum")
        if t["kind"] not in FLOATS:
            self.unit.in_range(t, value)
        self.integer(value, BASE[t["kind"]][self.syntax])

    def conformance(self, t, value):
        """max_counts stand in front of everything else, [C706] 14.3.3.2, 14.3.7.1."""
        if not self.unit.is_conformant(t):
            return
        tail, held = self.unit.tail(t, value)
        if tail["kind"] == "string":
            self.word(held.max_count)
            return
        for dim, (max_count, _, _) in zip(self.unit.dimensions(tail)[0], held.dims):
            if dim["flags"] & CONFORMANT:
                self.word(max_count)

    def construct(self, t, value):
        """A parameter or pointee: sizes, the value, then what it points to, in order."""
        deferred = []
        self.conformance(t, value)
        self.value(t, value, deferred)
        for pointer, ref in deferred:
            self.pointee(pointer, ref)

    def pointee(self, pointer, ref):
        if ref is None:
            return
        if pointer["n"] == FULL:
            if id(ref) in self.written:
                return
            self.written.add(id(ref))
        self.construct(self.unit.types[pointer["ref"]], ref.to)

    def referent(self, pointer, ref):
        if ref is None:
            if pointer["n"] == REF:
                raise Refused("[ref] pointer is NULL")
            self.word(0)
        elif pointer["n"] == FULL:
            if id(ref) not in self.full:
                self.n_full += 1
                self.full[id(ref)] = (self.n_full, ref)
            self.word(self.full[id(ref)][0])
        else:
            self.word(0x20000 + 4 * self.n_referents)
            self.n_referents += 1

    def value(self, t, value, deferred):
        kind = t["kind"]
        if kind in BASE:
            self.base(t, value)
        elif kind == "pointer":
            self.referent(t, value)
            deferred.append((t, value))
        elif kind == "ignored":
            self.word(0)
        elif kind == "context":
            self.pad(4)
            self.out += swap_context(value, self.order)
        elif kind == "struct":
            self.struct(t, value, deferred)
        elif kind == "union":
            self.union(t, value, deferred)
        elif kind == "string":
            self.word(0)
            self.word(len(value.units) + 1)
            for unit in value.units + [0]:
                self.integer(unit, BASE[self.unit.types[t["ref"]]["kind"]][self.syntax])
        elif kind == "array":
            self.array(t, value, deferred)

    def struct(self, t, value, deferred):
        members = self.unit.members(t)
        align = self.unit.align(t, self.syntax)
        self.pad(align)
        for member, held in zip(members, value):
            inner = self.unit.types[member["type"]]
            tail = t["flags"] & CONFORMANT and member is members[-1]
            if self.syntax == NDR64 and tail and inner["kind"] != "struct":
                self.pad(align)  # [MS-RPCE] 2.2.5.3.4.1: after the last field of fixed size
            self.value(inner, held, deferred)
        if self.syntax == NDR64 and not t["flags"] & CONFORMANT:
            self.pad(align)

    def union(self, t, value, deferred):
        if self.syntax == NDR64:  # [MS-RPCE] 2.2.5.3.4.4
            self.pad(self.unit.align(t, NDR64))
        self.base(self.unit.types[t["size_is"]], value.tag)
        arm = self.unit.arm(t, value.tag)
        if self.syntax == NDR64 or t["flags"] & MS_UNION:  # [MS-RPCE] 2.2.4.5
            self.pad(self.unit.arms_align(t, self.syntax))
        self.value(arm, value.value, deferred)

    def array(self, t, value, deferred):
        dims, leaf = self.unit.dimensions(t)
        for dim, (_, offset, actual) in zip(dims, value.dims):
            if dim["flags"] & VARYING:
                self.word(offset)
                self.word(actual)
        self.pad(self.unit.start(leaf, self.syntax))
        for item in value.items:
            self.value(leaf, item, deferred)


    def pipe(self, t, chunks):
        """[C706] 14.3.9; NDR64 repeats each count, negated: [MS-RPCE] 2.2.5.3.5."""
        leaf = self.unit.types[t["ref"]]
        for chunk in [*chunks, []]:
            self.word(len(chunk))
            for item in chunk:
                self.pad(self.unit.start(leaf, self.syntax))
                self.value(leaf, item, [])
            if self.syntax == NDR64:
                self.integer(-len(chunk), 8)


class Decoder:
    """Raises Refused for what must not be accepted."""

    def __init__(self, unit, syntax, big_endian, data):
        self.unit = unit
        self.syntax = syntax
        self.order = "big" if big_endian else "little"
        self.data = data
        self.at = 0
        self.checks = []  # (expression, scope, value, bits), compared when all is there
        self.full = {}

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Refused("too short")
        self.at += n
        return self.data[self.at - n:self.at]

    def pad(self, align):
        self.take(-self.at % align)

    def integer(self, size):
        self.pad(size)
        return int.from_bytes(self.take(size), self.order)

    def word(self):
        value = self.integer((4, 8)[self.syntax])
        if value >> 32:
            raise Refused("a count or referent over 32 bits")
        return value

    def base(self, t):
        size = BASE[t["kind"]][self.syntax]
        value = self.integer(size)
        if BASE[t["kind"]][2]:
            value = signed(value, size)
        if t["kind"] == "enum16" and not 0 <= value <= 0x7fff:
            raise Refused("enum")
        if t["kind"] not in FLOATS:
            self.unit.in_range(t, value)
        return value

    def check(self, expression, scope, value, bits=64):
        if expression:
            self.checks.append((expression, scope, value, bits))

    def finish(self):
        for expression, scope, value, bits in self.checks:
            wanted = self.unit.evaluate(expression, scope)
            if (wanted ^ value) & (1 << bits) - 1:
                raise Refused("does not correlate")

    def conformance(self, t):
        if not self.unit.is_conformant(t):
            return []
        tail = self.unit.tail(t)[0]
        if tail["kind"] == "string":
            return [self.word()]
        return [self.word() for dim in self.unit.dimensions(tail)[0] if dim["flags"] & CONFORMANT]

    def construct(self, t, scope, begun=None):
        deferred = []
        held = [None]
        self.member(t, scope, deferred, self.conformance(t), lambda v: held.__setitem__(0, v))
        if begun is not None:
            begun(held[0])
        for pointer, inner, ref, store in deferred:
            store(self.pointee(pointer, inner, ref))
        return held[0]

    def pointee(self, pointer, scope, referent):
        """The Ref for a referent other than NULL: what it points to follows now."""
        t = self.unit.types[pointer["ref"]]
        if not referent and pointer["n"] != REF:
            if t["kind"] in ("array", "string") and not (pointer["flags"] | t["flags"]) & NOCHECK:
                self.check(t["size_is"], scope, 0)  # [MS-RPCE] 3.1.1.5.3.3.1.2
            return None
        if pointer["n"] != FULL:
            return Ref(self.construct(t, scope))
        if referent in self.full:
            return self.alias(self.full[referent], t, scope)
        ref = Ref()
        ref.open = True
        ref.kind = t
        self.full[referent] = ref

        def begun(value):
            ref.to = value
        ref.to = self.construct(t, scope, begun)
        ref.open = False
        return ref

    def alias(self, ref, t, scope):
        if ref.open:
            raise Refused("cycle of full pointers")
        sized = t["kind"] in ("array", "string")
        if ref.kind is not t and not (sized and ref.kind["kind"] == t["kind"] and
                                      ref.kind["ref"] == t["ref"]):
            raise Refused("alias of another type")
        if t["kind"] == "array":
            for dim, (max_count, _, actual) in zip(self.unit.dimensions(t)[0], ref.to.dims):
                self.check(dim["size_is"], scope, max_count)
        elif t["kind"] == "string" and t["size_is"]:
            self.check(t["size_is"], scope, ref.to.max_count)
        return ref

    def value(self, t, scope, deferred, conformance):
        kind = t["kind"]
        if kind in BASE:
            return self.base(t)
        if kind == "ignored":  # whatever the sender has there
            self.integer((4, 8)[self.syntax])
            return None
        if kind == "context":
            self.pad(4)
            return swap_context(self.take(20), self.order)
        if kind == "struct":
            return self.struct(t, deferred, conformance)
        if kind == "union":
            return self.union(t, scope, deferred)
        if kind == "string":
            return self.string(t, scope, conformance)
        if kind == "array":
            return self.array(t, scope, deferred, conformance)
        return None  # an empty arm

    def member(self, t, scope, deferred, conformance, store):
        """A value into its place; a pointer's place gets the pointee later."""
        if t["kind"] == "pointer":
            deferred.append((t, scope, self.word(), store))
            store(None)
        else:
            store(self.value(t, scope, deferred, conformance))

    def struct(self, t, deferred, conformance):
        members = self.unit.members(t)
        align = self.unit.align(t, self.syntax)
        value = [None] * len(members)
        self.pad(align)
        scope = Scope(self.unit, members, value)
        for i, member in enumerate(members):
            inner = self.unit.types[member["type"]]
            tail = t["flags"] & CONFORMANT and i == len(members) - 1
            if self.syntax == NDR64 and tail and inner["kind"] != "struct":
                self.pad(align)
            self.member(inner, scope, deferred, conformance if tail else [],
                        lambda held, i=i: value.__setitem__(i, held))
        if self.syntax == NDR64 and not t["flags"] & CONFORMANT:
            self.pad(align)
        return value

    def union(self, t, scope, deferred):
        if self.syntax == NDR64:
            self.pad(self.unit.align(t, NDR64))
        disc = self.unit.types[t["size_is"]]
        value = Union(self.base(disc), None)
        arm = self.unit.arm(t, value.tag)
        if not t["flags"] & ENCAPSULATED:
            # only as many bits as both sides of the comparison have for sure
            self.check(t["length_is"], scope, value.tag, 8 * disc["size"])
        if self.syntax == NDR64 or t["flags"] & MS_UNION:
            self.pad(self.unit.arms_align(t, self.syntax))
        self.member(arm, scope, deferred, [], lambda held: setattr(value, "value", held))
        return value

    def string(self, t, scope, conformance):
        char = self.unit.types[t["ref"]]
        max_count = conformance[0] if conformance else t["n"]
        offset, actual = self.word(), self.word()
        if offset or not 0 < actual <= max_count:
            raise Refused("string counts")
        self.unit.in_range(t, max_count if t["size_is"] else actual)
        if conformance:
            self.check(t["size_is"], scope, max_count)
        self.check(t["length_is"], scope, actual)
        size = BASE[char["kind"]][self.syntax]
        if actual * size > len(self.data) - self.at:
            raise Refused("too short")
        units = [self.integer(size) for _ in range(actual)]
        if units[-1]:
            raise Refused("not terminated")
        units = units[:units.index(0)]  # C sees no more
        return String(units, max_count if t["size_is"] else len(units) + 1)

    def array(self, t, scope, deferred, conformance):
        types, leaf = self.unit.dimensions(t)
        counts = list(conformance)
        dims = []
        n = 1
        for dim in types:
            max_count = counts.pop(0) if dim["flags"] & CONFORMANT else dim["n"]
            if dim["flags"] & CONFORMANT:
                self.unit.in_range(dim, max_count)
                self.check(dim["size_is"], scope, max_count)
            dims.append((max_count, 0, max_count))
        for i, dim in enumerate(types):
            if dim["flags"] & VARYING:
                max_count, offset, actual = dims[i][0], self.word(), self.word()
                if offset + actual > max_count:
                    raise Refused("offset + actual_count > max_count")
                self.check(dim["first"], scope, offset)
                if not dim["first"] and dim["length_is"] and offset:
                    raise Refused("an offset without first_is")
                self.check(dim["length_is"], scope, actual)
                dims[i] = (max_count, offset, actual)
            n *= dims[i][2]
        items = [None] * min(n, len(self.data) + 1)
        if n == 0:  # Windows aligns here; some peers end instead
            self.at += min(-self.at % self.unit.start(leaf, self.syntax),
                           len(self.data) - self.at)
            return Array(dims, items)
        self.pad(self.unit.start(leaf, self.syntax))
        if n > len(self.data) - self.at:
            raise Refused("too short")
        for i in range(n):
            self.member(leaf, scope, deferred, [], lambda held, i=i: items.__setitem__(i, held))
        return Array(dims, items)

    def pipe(self, t):
        leaf = self.unit.types[t["ref"]]
        chunks = []
        while True:
            n = self.word()
            if n > len(self.data) - self.at:
                raise Refused("too short")
            chunk = []
            for _ in range(n):
                self.pad(self.unit.start(leaf, self.syntax))
                chunk.append(self.value(leaf, None, [], []))
            if self.syntax == NDR64 and self.integer(8) != -n & (1 << 64) - 1:
                raise Refused("counts of a chunk differ")
            if n == 0:
                return chunks
            chunks.append(chunk)


def swap_context(data, order):
    """20 bytes in memory order from and to those on the wire; little-endian in between."""
    if order == "little":
        return bytes(data)
    return bytes(data[3::-1] + data[7:3:-1] + data[9:7:-1] + data[11:9:-1] + data[12:])


def parameters(op, direction):
    flag = P_IN if direction == "in" else P_OUT
    return [(i, p) for i, p in enumerate(op["params"]) if p["flags"] & flag]


def pipe_type(unit, p):
    """The type of a parameter that is a pipe; None of others."""
    t = unit.types[p["type"]]
    t = unit.types[t["ref"]] if t["kind"] == "pointer" else t
    return t if t["kind"] == "pipe" else None


def on_the_wire(unit, op, direction):
    """Pipes come last in a request and first in a response, [C706] 14.3.9."""
    last = direction == "in"
    return sorted(parameters(op, direction), key=lambda ip: bool(pipe_type(unit, ip[1])) == last)


def encode(unit, opnum, direction, values, syntax, big_endian=False):
    """Stub data of the [in] or [out] parameters; values: one for each parameter of the operation."""
    op = unit.operations[opnum]
    n_full = 0
    if direction == "out":  # one numbering for both directions of a call
        for i, p in parameters(op, "in"):
            t = unit.types[p["type"]]
            n_full += t["kind"] == "pointer" and t["n"] == FULL and values[i] is not None
    encoder = Encoder(unit, syntax, big_endian, n_full)
    for i, p in on_the_wire(unit, op, direction):
        t = unit.types[p["type"]]
        if pipe_type(unit, p):
            encoder.pipe(pipe_type(unit, p), values[i].to)
        elif t["kind"] == "pointer":
            if values[i] is None and t["n"] == REF:
                raise Refused("[ref] pointer is NULL")
            if t["n"] != REF:
                encoder.referent(t, values[i])
            encoder.pointee(t, values[i])
        else:
            encoder.construct(t, values[i])
    return bytes(encoder.out)


def decode(unit, opnum, direction, data, syntax, big_endian=False, known=None):
    """The values of the parameters; known: those of the request, for decoding a response."""
    op = unit.operations[opnum]
    decoder = Decoder(unit, syntax, big_endian, data)
    values = list(known) if known is not None else [None] * len(op["params"])
    scope = Scope(unit, op["params"], values)
    for i, p in parameters(op, direction):
        values[i] = None
    for i, p in on_the_wire(unit, op, direction):
        t = unit.types[p["type"]]
        if pipe_type(unit, p):
            values[i] = Ref(decoder.pipe(pipe_type(unit, p)))
        elif t["kind"] == "pointer":
            referent = 1 if t["n"] == REF else decoder.word()
            values[i] = decoder.pointee(t, scope, referent)
        else:
            values[i] = decoder.construct(t, scope)
    decoder.finish()
    return values


# --- type serialization, [MS-RPCE] 2.2.6 and 2.2.7 ---

SYNTAX_IDS = (uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + bytes([2, 0, 0, 0]),
              uuid.UUID("71710533-beba-4937-8319-b5dbef9ccc36").bytes_le + bytes([1, 0, 0, 0]))


def swap_syntax(data, order):
    if order == "little":
        return data
    return data[3::-1] + data[5:3:-1] + data[7:5:-1] + data[8:16] + data[17:15:-1] + data[19:17:-1]


class Pickle:
    """Values of one serializable type; form is (version, syntax): (1, NDR20), (2, either)."""

    def __init__(self, unit, number, form, big_endian):
        self.unit = unit
        self.version, self.syntax = form
        self.big_endian = big_endian
        self.order = "big" if big_endian else "little"
        self.step = 8 if self.version == 1 else 16
        pointer = unit.types[unit.pickles[number]["params"][0]["type"]]
        self.type = unit.types[pointer["ref"]]
        self.bare = self.version == 1 and self.type["kind"] in BASE  # [MS-RPCE] 2.2.6.2

    def header(self):
        out = bytes([self.version, 0 if self.big_endian else 0x10])
        out += (8 if self.version == 1 else 64).to_bytes(2, self.order) + b"\xcc" * 4
        if self.version == 2:
            version = b"".join(n.to_bytes(2, "little") for n in self.unit.layout["version"])
            own = uuid.UUID(self.unit.layout["uuid"]).bytes_le + version
            out += b"\xcc" * 16 + swap_syntax(SYNTAX_IDS[self.syntax], self.order)
            out += swap_syntax(own, self.order)
        return out

    def encode(self, values):
        out = self.header()
        for value in values:
            encoder = Encoder(self.unit, self.syntax, self.big_endian)
            encoder.construct(self.type, value)
            encoder.pad(self.step)
            if not self.bare:
                out += len(encoder.out).to_bytes(4, self.order) + bytes(self.step - 4)
            out += encoder.out
        return out

    def decode(self, data):
        data = data[len(self.header()):]
        values = []
        while data:
            size = len(data)
            if not self.bare:
                size = int.from_bytes(data[:4], self.order)
                if len(data) < self.step or size > len(data) - self.step:
                    raise Refused("a value's length")
                data = data[self.step:]
            decoder = Decoder(self.unit, self.syntax, self.big_endian, data[:size])
            values.append(decoder.construct(self.type, None))
            decoder.finish()
            data = data[-(-decoder.at // self.step) * self.step if self.bare else size:]
        return values


def compile_idl(ironidl, path, *options):
    """The interfaces of an IDL file, through ironidl --json."""
    done = subprocess.run([*WRAPPER, ironidl, "--json", *options, path], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr)
    return [Unit(layout) for layout in json.loads(done.stdout)["interfaces"]]
