"""Random interfaces that use the language widely, and random values of their types."""
import ndr

SCALARS = ["boolean", "byte", "char", "wchar_t", "small", "short", "long", "hyper",
           "unsigned char", "unsigned short", "unsigned long", "unsigned hyper", "float", "double",
           "__int3264", "unsigned __int3264", "color", "level"]
PIPED = [name for name in SCALARS if "3264" not in name and name != "color"]  # pipes take no others
COUNTERS = ["byte", "short", "unsigned short", "long", "unsigned long", "hyper", "color"]
# {0} is a counter; small values of it give small counts.
COUNTS = ["{0}", "{0}", "{0}", "{0} + 1", "{0} * 2", "({0} + 1) / 2", "{0} & 3", "{0} % 4",
          "{0} ? 2 : 1", "4 - {0}", "{0} << 1", "({0} > 2) + 1"]
POINTERS = ["unique", "unique", "ref", "ptr"]


class Interface:
    """Text of an interface, made from a random.Random."""

    def __init__(self, rng):
        self.rng = rng
        self.types = []        # the typedefs
        self.structs = []      # names of structs of constant or varying size
        self.conformant = []   # names of conformant structs
        self.unions = []       # names of unions with switch_is
        self.encapsulated = []
        self.flat = []         # structs without pointers and counts, which pipes may have
        self.pipes = []
        self.n = 0

    def name(self, prefix):
        self.n += 1
        return f"{prefix}{self.n}"

    def element(self):
        """A type that can be anywhere."""
        pools = [SCALARS, SCALARS, self.structs, self.encapsulated]
        return self.rng.choice(self.rng.choice([p for p in pools if p]))

    def counter(self, before, attributes=""):
        """A member or parameter to count with; its name."""
        name = self.name("n")
        before.append(f"{attributes}{self.rng.choice(COUNTERS)} {name}")
        return name

    def count(self, before, attributes=""):
        expression = self.rng.choice(COUNTS)
        return expression.format(self.counter(before, attributes))

    def sizes(self, before, attributes="", fixed=False):
        """Attributes of an array."""
        kind = self.rng.randrange(4)
        size = "" if fixed else f"size_is({self.count(before, attributes)})"
        if fixed or kind == 1:
            size += f"{'' if fixed else ', '}length_is({self.count(before, attributes)})"
        elif kind == 2:
            size += (f", first_is({self.counter(before, attributes)})"
                     f", length_is({self.count(before, attributes)})")
        return size

    def members(self, depth):
        """Declarations of a struct's members; the last may be conformant."""
        rng = self.rng
        out = []
        for _ in range(rng.randint(1, 5)):
            out += self.member(depth)
        return out

    def member(self, depth):
        rng = self.rng
        name = self.name("f")
        more = []
        pointer = rng.choice(POINTERS)
        kind = rng.randrange(16)
        if kind < 3:
            text = f"{rng.choice(SCALARS)} {name}"
        elif kind == 3:
            text = f"[range({rng.randint(-3, 0)}, {rng.randint(1, 40)})] long {name}"
        elif kind == 4:
            text = f"{self.element()} {name}[{rng.randint(1, 4)}]" + rng.choice(["", "", "[2]"])
        elif kind == 5:
            text = f"[{self.sizes(more, fixed=True)}] {self.element()} {name}[6]"
        elif kind == 6 and self.structs:
            text = f"{rng.choice(self.structs)} {name}"
        elif kind == 7 and self.unions:
            tag = self.name("t")
            more.append(f"{rng.choice(['long', 'short', 'byte', 'hyper'])} {tag}")
            array = rng.choice(["", "", "[2]"])
            text = f"[switch_is({tag})] {rng.choice(self.unions)} {name}{array}"
        elif kind == 8:
            text = f"[string] {rng.choice(['char', 'wchar_t'])} {name}[8]"
        elif kind == 9:
            text = f"[string, {pointer}] {rng.choice(['char', 'wchar_t', 'byte'])} *{name}"
        elif kind == 10:
            text = f"[{pointer}, {self.sizes(more)}] {self.element()} *{name}"
        elif kind == 11:
            text = (f"[{pointer}, size_is({self.count(more)}, {self.count(more)})] "
                    f"{rng.choice(SCALARS)} **{name}")
        elif kind == 12 and self.conformant:
            text = f"[{pointer}] {rng.choice(self.conformant)} *{name}"
        elif kind == 13:
            text = f"interface IThing *{name}"
        elif kind == 14:
            text = f"[ignore] {rng.choice(['void', self.element()])} *{name}"
        else:
            text = f"[{pointer}] {self.element()} *{name}"
        return rng.choice([more + [text], [text] + more])

    def tail(self):
        """A conformant member to end a struct with."""
        rng = self.rng
        more = []
        kind = rng.randrange(4)
        if kind == 0 and self.conformant:
            return [f"{rng.choice(self.conformant)} {self.name('f')}"]
        if kind == 1:
            return [f"[string] {rng.choice(['char', 'wchar_t'])} {self.name('f')}[]"]
        text = f"[{self.sizes(more)}] {self.element()} {self.name('f')}[]"
        return more + [text]

    def struct(self):
        name = self.name("s")
        members = self.members(0)
        if self.rng.randrange(4) == 0:
            members.append(f"[{self.rng.choice(['unique', 'ptr'])}] struct {name} *next")
        if self.rng.randrange(3) == 0:
            members += self.tail()
            self.conformant.append(name)
        else:
            self.structs.append(name)
        body = "".join(f"        {m};\n" for m in members)
        self.types.append(f"    typedef struct {name} {{\n{body}    }} {name};\n")

    def arms(self, tags):
        rng = self.rng
        body = ""
        for tag in tags:
            kind = rng.randrange(5)
            if kind == 0:
                arm = ""
            elif kind == 1:
                arm = f"[string] char *{self.name('a')}"
            elif kind == 2:
                arm = f"{self.element()} *{self.name('a')}"
            else:
                arm = f"{self.element()} {self.name('a')}"
            body += f"        {tag} {arm};\n"
        return body

    def union(self):
        rng = self.rng
        name = self.name("u")
        disc = rng.choice(["long", "short", "byte", "unsigned short", "hyper"])
        attributes = rng.choice(["", "", "ms_union, "]) + f"switch_type({disc})"
        tags = [f"[case({n})]" for n in range(rng.randint(1, 4))]
        tags += rng.choice([[], ["[default]"]])
        self.types.append(f"    typedef [{attributes}] union {name} {{\n{self.arms(tags)}"
                          f"    }} {name};\n")
        self.unions.append(name)

    def encapsulated_union(self):
        name = self.name("e")
        disc = self.rng.choice(["long", "short", "byte", "color"])
        tags = [f"case {n}:" for n in ("RED GREEN BLUE".split() if disc == "color" else (0, 1, 7))]
        tags += self.rng.choice([[], ["default:"]])
        arms = self.arms(tags)
        self.types.append(f"    typedef union {name} switch ({disc} tag) u {{\n{arms}"
                          f"    }} {name};\n")
        self.encapsulated.append(name)

    def flat_struct(self):
        name = self.name("g")
        members = "".join(
            f"        {self.rng.choice(PIPED + self.flat)} {self.name('f')}"
            f"{self.rng.choice(['', '', '[1]', '[3]'])};\n" for _ in range(self.rng.randint(1, 4)))
        self.types.append(f"    typedef struct {{\n{members}    }} {name};\n")
        self.flat.append(name)
        self.structs.append(name)

    def pipe(self):
        name = self.name("w")
        element = self.rng.choice(self.rng.choice([PIPED, self.flat or PIPED]))
        self.types.append(f"    typedef pipe {element} {name};\n")
        self.pipes.append(name)

    def parameter(self, out):
        rng = self.rng
        name = self.name("p")
        more = []
        inside = ["in"]
        direction = rng.choice(["in", "in", "in", "in, out", "out"] if out else ["in"])
        kind = rng.randrange(14)
        pointer = rng.choice(["ref", "unique", "ptr"]) if direction != "out" else "ref"
        if kind < 2:
            return [f"[in] {rng.choice(SCALARS)} {name}"]
        if kind == 2:
            return [f"[{direction}, {pointer}] {self.element()} *{name}"]
        if kind == 3 and self.conformant and direction == "in":
            return [f"[{direction}, {pointer}] {rng.choice(self.conformant)} *{name}"]
        if kind == 4 and self.unions:
            tag = self.name("t")
            return [f"[{direction}, switch_is({tag})] {rng.choice(self.unions)} *{name}",
                    f"[in] {rng.choice(['long', 'short'])} {tag}"]
        if kind == 5 and direction == "in":
            return [f"[in, string, {pointer}] {rng.choice(['char', 'wchar_t'])} *{name}"]
        if kind == 6:
            text = f"[{direction}, {self.sizes(more, '[in] ')}] {self.element()} {name}[]"
            return more + [text]
        if kind == 7:
            count = self.name("n")
            return [f"[in] long *{count}",
                    f"[{direction}, size_is(*{count})] {self.element()} *{name}"]
        if kind == 8:
            text = f"[{direction}, size_is({self.count(more, '[in] ')},)] {self.element()} {name}[][2]"
            return more + [text]
        if kind == 9 and direction != "in":
            return [f"[{direction}] {self.element()} **{name}"]
        if kind == 10:
            return [f"[{direction}] context *{name}"]
        if kind == 11 and self.pipes:
            star = rng.choice(["*", ""]) if direction != "out" else "*"
            return [f"[{direction}] {rng.choice(self.pipes)} {star}{name}"]
        if kind == 12:
            return [f"[{direction}] interface IThing {'*' if direction == 'in' else '**'}{name}"]
        if kind == 13 and direction == "in":
            iid = self.name("q")
            return [f"[in] iid *{iid}", f"[in, iid_is({iid})] void *{name}"]
        return [f"[{direction}] {self.element()} {name}[3]"]

    def text(self):
        rng = self.rng
        for _ in range(rng.randint(4, 7)):
            rng.choice([self.struct, self.struct, self.union, self.encapsulated_union,
                        self.flat_struct])()
        for _ in range(2):
            self.pipe()
        operations = ""
        for i in range(4):
            parameters = []
            for _ in range(rng.randint(1, 3)):
                parameters += self.parameter(i % 2)
            result = rng.choice(["void", "long", "short", "hyper", "double"])
            operations += f"    {result} Op{i}({', '.join(parameters)});\n"
        serialized = self.structs + self.encapsulated + self.conformant + ["color", "short"]
        self.types += [f"    typedef [encode, decode] {name} kept{i};\n"
                       for i, name in enumerate(rng.sample(serialized, min(3, len(serialized))))]
        return ("[uuid(225b9fcb-eb3d-497b-8b0b-591f049a2507), version(1.0), "
                "pointer_default(unique)]\ninterface random\n{\n"
                "    typedef enum { RED, GREEN, BLUE } color;\n"
                "    typedef [v1_enum] enum { LOW, HIGH = 70000 } level;\n"
                "    typedef [context_handle] void *context;\n"
                "    typedef struct { long a; short b, c; byte d[8]; } iid;\n"
                "    interface IThing;\n"
                + "".join(self.types) + operations + "}\n")


class Hopeless(Exception):
    """No counts were found that agree with each other."""


class Values:
    """Random values of a unit's types, with all counts in agreement."""

    def __init__(self, unit, rng, limit=16):
        self.unit = unit
        self.rng = rng
        self.limit = limit  # on the elements of a parameter
        self.full = {}  # pointee type: Refs that are complete

    # --- what expressions read ---

    def expressions(self, t):
        """[(expression, type)] of a member, not of the structs in it."""
        kind = t["kind"]
        found = []
        if kind in ("array", "string"):
            found += [(t[key], t) for key in ("size_is", "length_is")]
            found += [(t["first"], t)] if kind == "array" else []
            found += self.expressions(self.unit.types[t["ref"]])
        elif kind == "pointer":
            found += self.expressions(self.unit.types[t["ref"]])
        elif kind == "union" and not t["flags"] & ndr.ENCAPSULATED:
            found.append((t["length_is"], t))
        return [(index, inner) for index, inner in found if index]

    def controls(self, members, limit):
        """{number of a member: values that are worth a try}"""
        wanted = {}
        more = [count for count in (31, 32, 33, 37, 64, 65) if count <= limit]
        for member in members:
            for index, inner in self.expressions(self.unit.types[member["type"]]):
                choices = [0, 1, 2, 3, 4] + more
                if inner["kind"] == "union":
                    choices = [arm["tag"] for arm in self.unit.arms(inner)] * 2 + [5]
                while True:
                    x = self.unit.layout["exprs"][index]
                    if x["op"] in ("load", "deref"):
                        for i, held in enumerate(members):
                            if held["offset"] == x["offset"]:
                                wanted.setdefault(i, []).extend(choices)
                    if x["last"]:
                        break
                    index += 1
        return wanted

    def fill(self, members, values, mutable, limit=16):
        """Choose all members in `mutable`, so that what depends on others fits them."""
        wanted = self.controls(members, limit)
        scope = ndr.Scope(self.unit, members, values)
        dependent = [i for i in mutable if self.expressions(self.unit.types[members[i]["type"]])]
        for _ in range(80):
            for i in wanted:
                if i in mutable and i not in dependent:
                    values[i] = self.control(self.unit.types[members[i]["type"]], wanted[i])
            if all(self.possible(index, inner, scope, limit) for member in members
                   for index, inner in self.expressions(self.unit.types[member["type"]])):
                break
        else:
            raise Hopeless
        return wanted, dependent, scope

    def control(self, t, choices):
        value = self.rng.choice(choices)
        if t["kind"] == "pointer":
            return ndr.Ref(value)
        if t["flags"] & ndr.RANGE:
            value = min(max(value, t["range"][0]), t["range"][1])
        return value

    def possible(self, index, t, scope, limit):
        try:
            value = self.unit.evaluate(index, scope)
            if t["kind"] == "union":
                self.unit.arm(t, self.held(t, value))
                return True
            if t["kind"] == "string":
                return 1 <= value <= 16
            max_count, offset, actual = self.dimension(t, scope)
            return max_count <= limit and offset + actual <= max_count
        except ndr.Refused:
            return False

    def held(self, t, value):
        """A tag as the discriminant holds it."""
        kind = self.unit.types[t["size_is"]]["kind"]
        size = self.unit.types[t["size_is"]]["size"]
        return ndr.signed(value, size) if ndr.BASE[kind][2] else value & (1 << 8 * size) - 1

    def dimension(self, t, scope):
        if t["flags"] & ndr.CONFORMANT:
            max_count = self.unit.count(t["size_is"], scope, 1)
        else:
            max_count = t["n"]
        if not t["flags"] & ndr.VARYING:
            return max_count, 0, max_count
        offset = self.unit.count(t["first"], scope, 0)
        return max_count, offset, self.unit.count(t["length_is"], scope, max_count - offset)

    # --- values ---

    def value(self, t, scope, depth):
        rng = self.rng
        kind = t["kind"]
        if kind in ndr.BASE:
            return self.base(t)
        if kind == "struct":
            return self.struct(t, depth)
        if kind == "context":
            return rng.randbytes(20)
        if kind == "string":
            return self.string(t, scope)
        if kind == "array":
            dims, leaf = self.unit.dimensions(t)
            counts = [self.dimension(dim, scope) for dim in dims]
            n = 1
            for _, _, actual in counts:
                n *= actual
            return ndr.Array(counts, [self.value(leaf, scope, depth + 1) for _ in range(n)])
        if kind == "union":
            return self.union(t, scope, depth)
        if kind == "pointer":
            return self.pointer(t, scope, depth)
        if kind == "pipe":
            element = self.unit.types[t["ref"]]
            return [[self.value(element, scope, depth + 1) for _ in range(rng.choice([1, 1, 2, 5]))]
                    for _ in range(rng.randrange(4))]
        return None

    def base(self, t):
        rng = self.rng
        size, _, is_signed = ndr.BASE[t["kind"]]
        if t["kind"] == "enum16":
            return rng.choice([0, 1, 2, 3, 0x7fff])
        if t["flags"] & ndr.RANGE:
            return rng.randint(*t["range"])
        value = rng.choice([0, 1, rng.getrandbits(7), rng.getrandbits(8 * size)])
        return ndr.signed(value, size) if is_signed else value

    def struct(self, t, depth):
        members = self.unit.members(t)
        values = [None] * len(members)
        everything = range(len(members))
        wanted, dependent, scope = self.fill(members, values, everything)
        for i, member in enumerate(members):
            if i not in wanted and i not in dependent:
                values[i] = self.value(self.unit.types[member["type"]], scope, depth + 1)
        for i in dependent:
            values[i] = self.value(self.unit.types[members[i]["type"]], scope, depth + 1)
        return values

    def string(self, t, scope):
        char = self.unit.types[t["ref"]]["kind"]
        room = t["n"] if not t["flags"] & ndr.CONFORMANT else 7
        if t["size_is"]:
            room = self.unit.count(t["size_is"], scope, 1)
        if t["flags"] & ndr.RANGE:
            room = min(room, t["range"][1])
        top = 0xffff if char == "wchar" else 0xff
        units = [self.rng.randint(1, top) for _ in range(self.rng.randint(0, room - 1))]
        return ndr.String(units, room if t["size_is"] else len(units) + 1)

    def union(self, t, scope, depth):
        if t["flags"] & ndr.ENCAPSULATED:
            tags = [arm["tag"] for arm in self.unit.arms(t)]
            if t["flags"] & ndr.DEFAULT:
                tags.append(9)
            tag = self.rng.choice(tags)
        else:
            tag = self.held(t, self.unit.evaluate(t["length_is"], scope))
        return ndr.Union(tag, self.value(self.unit.arm(t, tag), scope, depth + 1))

    def pointer(self, t, scope, depth):
        pointee = self.unit.types[t["ref"]]
        sized = pointee["kind"] in ("array", "string")
        must = t["n"] == ndr.REF
        if sized and pointee["size_is"] and self.unit.evaluate(pointee["size_is"], scope) != 0:
            must = True
        if not must and (depth > 5 or self.rng.randrange(3) == 0):
            return None
        known = self.full.setdefault(t["ref"], [])
        if t["n"] == ndr.FULL and not sized and known and self.rng.randrange(2):
            return self.rng.choice(known)
        if depth > 14:
            raise Hopeless
        ref = ndr.Ref(self.value(pointee, scope, depth + 1))
        if t["n"] == ndr.FULL:
            known.append(ref)
        return ref

    def arguments(self, op, direction, known=None):
        """Values of the [in] parameters; or of the [out] ones beside those of a request."""
        self.full = {}
        params = op["params"]
        values = list(known) if known is not None else [None] * len(params)
        mutable = [i for i, _ in ndr.parameters(op, direction)]
        for i in mutable:
            values[i] = None
        wanted, dependent, scope = self.fill_parameters(params, values, mutable)
        for i in mutable:
            if i not in wanted and i not in dependent:
                values[i] = self.value(self.unit.types[params[i]["type"]], scope, 0)
        for i in mutable:
            if i in dependent:
                values[i] = self.value(self.unit.types[params[i]["type"]], scope, 0)
        return values

    def fill_parameters(self, params, values, mutable):
        """Only what this direction carries has to fit."""
        shown = [p if i in mutable or values[i] is not None else None
                 for i, p in enumerate(params)]
        names = [i for i, p in enumerate(shown) if p is not None]
        members = [params[i] for i in names]
        held = [values[i] for i in names]
        wanted, dependent, _ = self.fill(members, held, [names.index(i) for i in mutable],
                                       self.limit)
        for i, value in zip(names, held):
            values[i] = value
        return ({names[i]: w for i, w in wanted.items()}, [names[i] for i in dependent],
                ndr.Scope(self.unit, params, values))
