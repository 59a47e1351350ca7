#!/usr/bin/python3
"""Samba's and Impacket's NDR against ours: random requests and responses of Microsoft's own
interfaces, written by the oracle, are read by them and written again: the same bytes, in NDR and
NDR64 and both byte orders (Impacket: NDR, little-endian). The engine does the same with each.

    t_peers.py IRONIDL NDR_PEER IDL_FOLDER SHARED

Our own interfaces are there too; without SHARED they are all.
"""
import contextlib
import importlib
import os
import random
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "meta"))
import ndr  # noqa: E402
import random_idl  # noqa: E402
from peer import Peer  # noqa: E402
from tap import Tap  # noqa: E402

VALUES = 5  # of each operation, direction and form
FORMS = [(syntax, big) for syntax in (ndr.NDR20, ndr.NDR64) for big in (False, True)]

# IDL file, which of its interfaces, Samba's module, Impacket's module.
OURS = [("rpcecho", 0, "echo", None), ("epm", 0, "epmapper", None), ("mgmt", 0, "mgmt", None)]
INTERFACES = [("srvs", 0, "srvsvc", "srvs"), ("nrpc", 0, "netlogon", "nrpc"),
              ("rrp", 0, "winreg", "rrp"), ("dfsnm", 0, "dfs", None),
              ("drsr", 0, "drsuapi", "drsuapi"), ("swn", 0, "witness", None),
              ("even", 0, None, "even"), ("dhcpm", 0, None, "dhcpm")]

NO_OPERATION = re.compile(r"Opnum\d+Not\w+")  # a place in the numbering that is not used

# Operations of which at least one buffer came back changed or was refused. Those that were looked
# into have another description at the peer: strings and blobs that it reads, unions with fewer
# arms, fewer parameters, nothing at all. Not each was; the engine and the oracle agree on all.
OTHERWISE = {
    # It pads a struct behind its conformant array; [MS-RPCE] 2.2.5.3.4.1 before it.
    ("samba", "rpcecho"): "TestSurrounding",
    # Towers and entries are more than bytes to it; these have no floors.
    ("samba", "epm"): "ept_insert ept_delete ept_map ept_inq_object ept_mgmt_delete",
    ("samba", "mgmt"): "inq_stats",
    ("samba", "srvs"):
        "NetrShareAdd NetrShareEnum NetrShareSetInfo NetrServerDiskEnum NetrServerTransportAdd "
        "NetrShareEnumSticky NetrShareDelStart NetrShareDelCommit NetrpGetFileSecurity "
        "NetrpSetFileSecurity",
    ("impacket", "srvs"):
        "NetrShareGetInfo NetrShareSetInfo NetrServerSetInfo NetrShareDelCommit "
        "NetrDfsManagerReportSiteInfo NetrShareDelEx",
    ("samba", "nrpc"):
        "NetrLogonSamLogon NetrLogonSamLogoff NetrAccountSync NetrDatabaseRedo "
        "NetrLogonGetDomainInfo NetrLogonSamLogonEx DsrDeregisterDnsHostRecords "
        "DsrGetForestTrustInformation NetrGetForestTrustInformation NetrLogonSamLogonWithFlags "
        "NetrServerGetTrustInfo DsrUpdateReadOnlyServerDnsRecords",
    ("impacket", "nrpc"):
        "NetrLogonUasLogon NetrLogonSamLogon NetrDatabaseDeltas NetrDatabaseSync "
        "NetrLogonControl NetrLogonControl2 NetrDatabaseSync2 NetrDatabaseRedo "
        "NetrLogonControl2Ex NetrLogonSamLogonEx DsrDeregisterDnsHostRecords "
        "NetrGetForestTrustInformation NetrLogonSamLogonWithFlags",
    ("samba", "rrp"):
        "BaseRegEnumKey BaseRegLoadKey",
    ("impacket", "rrp"):
        "OpenClassesRoot OpenCurrentUser OpenLocalMachine OpenPerformanceData OpenUsers "
        "OpenCurrentConfig OpenPerformanceText OpenPerformanceNlsText",
    ("samba", "dfsnm"):
        "NetrDfsSetInfo NetrDfsGetInfo NetrDfsEnum NetrDfsAddFtRoot NetrDfsRemoveFtRoot "
        "NetrDfsEnumEx",
    ("samba", "drsr"):
        "IDL_DRSReplicaSync IDL_DRSGetNCChanges IDL_DRSUpdateRefs IDL_DRSReplicaAdd "
        "IDL_DRSReplicaDel IDL_DRSReplicaModify IDL_DRSGetMemberships IDL_DRSAddEntry "
        "IDL_DRSGetReplInfo IDL_DRSGetMemberships2 IDL_DRSQuerySitesByCost",
    ("impacket", "drsr"):
        "IDL_DRSGetNCChanges",
    ("samba", "swn"):
        "WitnessrAsyncNotify",
    ("impacket", "even"):
        "ElfrOpenELW ElfrRegisterEventSourceW ElfrOpenBELW ElfrReportEventW",
    ("impacket", "dhcpm"):
        "R_DhcpCreateSubnet R_DhcpEnumSubnets R_DhcpGetOptionValue R_DhcpEnumOptionValues "
        "R_DhcpGetClientOptions R_DhcpGetMibInfo R_DhcpEnumSubnetElementsV4 "
        "R_DhcpGetClientInfoV4 R_DhcpEnumSubnetClientsV4 R_DhcpDeleteSuperScopeV4 "
        "R_DhcpEnumSubnetClientsVQ",
}


class Plain(random_idl.Values):
    """Values that implementations that look into strings take too."""

    def __init__(self, unit, seed):
        super().__init__(unit, random.Random(seed), 8)
        # The registry's counted strings count their terminator. [MS-RRP] 2.2.4
        self.last = [0] if unit.layout["name"] == "winreg" else []

    def base(self, t):
        if t["kind"] in ("char", "wchar"):
            return self.rng.randint(ord("a"), ord("z"))
        if t["kind"] in ("boolean", "enum16"):
            return self.rng.randint(0, 1)
        return super().base(t)

    def string(self, t, scope):
        value = super().string(t, scope)
        value.units = [self.rng.randint(ord("a"), ord("z")) for _ in value.units]
        return value

    def struct(self, t, depth):
        """Two counts and a pointer are a counted string of UTF-16. [MS-DTYP] 2.3.10"""
        members = [self.unit.types[member["type"]] for member in self.unit.members(t)]
        value = super().struct(t, depth)
        if [member["kind"] for member in members] != ["u16", "u16", "pointer"]:
            return value
        pointee = self.unit.types[members[2]["ref"]]
        if pointee["kind"] != "array":
            return value
        if self.unit.types[pointee["ref"]]["kind"] not in ("u16", "wchar"):
            return value
        n = self.rng.randint(1, 5)
        text = [self.rng.randint(ord("a"), ord("z")) for _ in range(n - len(self.last))] + self.last
        return [2 * n, 2 * n, ndr.Ref(ndr.Array([(n, 0, n)], text))]


class Samba:
    name = "samba"

    def __init__(self, module):
        module = importlib.import_module("samba.dcerpc." + module)
        found = [getattr(module, name) for name in dir(module)]
        self.calls = {call.opnum(): call for call in found if hasattr(call, "__ndr_pack_in__")}

    def again(self, opnum, syntax, big, request, response):
        """The request, or else the response, as Samba writes what it read; None in other forms."""
        call = self.calls[opnum]()
        form = {"bigendian": big, "ndr64": syntax == ndr.NDR64}
        call.__ndr_unpack_in__(request, **form)
        if response is None:
            return call.__ndr_pack_in__(**form)
        call.__ndr_unpack_out__(response, **form)
        return call.__ndr_pack_out__(**form)


class Impacket:
    name = "impacket"

    def __init__(self, module):
        module = importlib.import_module("impacket.dcerpc.v5." + module)
        self.calls = module.OPNUMS

    def again(self, opnum, syntax, big, request, response):
        if syntax == ndr.NDR64 or big:
            return None
        request_type, response_type = self.calls[opnum]
        call = request_type(request) if response is None else response_type(response)
        return call.getData()


@contextlib.contextmanager
def quiet():
    """Samba's library says on standard error why it refuses something."""
    kept = os.dup(2)
    with open(os.devnull, "w", encoding="ascii") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class Case:
    def __init__(self, unit, engine, peers):
        self.unit = unit
        self.engine = engine
        self.peers = peers
        self.values = Plain(unit, 1)
        self.same = {}   # (peer, opnum): buffers
        self.wrong = {}  # the same: what was wrong first

    def exchange(self, opnum, syntax, big):
        op = self.unit.operations[opnum]
        known = self.values.arguments(op, "in")
        request = ndr.encode(self.unit, opnum, "in", known, syntax, big)
        self.judge(opnum, syntax, big, request, None, None)
        results = self.values.arguments(op, "out", known)
        response = ndr.encode(self.unit, opnum, "out", results, syntax, big)
        self.judge(opnum, syntax, big, request, response, known)

    def judge(self, opnum, syntax, big, request, response, known):
        data = request if response is None else response
        again, why = (self.engine.ask(opnum, "in", syntax, big, request) if response is None else
                      self.engine.ask(opnum, "out", syntax, big, request, response))
        self.note("engine", opnum, again == data, (syntax, big), data, why or again.hex())
        for peer in self.peers:
            if opnum in peer.calls:
                self.ask(peer, opnum, (syntax, big), request, response, known)

    def ask(self, peer, opnum, form, request, response, known):
        data = request if response is None else response
        try:
            again = peer.again(opnum, *form, request, response)
        except Exception as error:  # whatever their libraries raise
            self.note(peer.name, opnum, False, form, data, repr(error))
            return
        if again is None:
            return
        if peer.name == "impacket":  # it fills gaps with other bytes than 0
            direction = "in" if response is None else "out"
            try:
                values = ndr.decode(self.unit, opnum, direction, again, *form, known)
                again = ndr.encode(self.unit, opnum, direction, values, *form)
            except ndr.Refused:
                pass
        self.note(peer.name, opnum, again == data, form, data, again.hex())

    def note(self, peer, opnum, good, form, data, got):
        if good:
            self.same[peer, opnum] = self.same.get((peer, opnum), 0) + 1
        else:
            self.wrong.setdefault((peer, opnum), f"{('NDR', 'NDR64')[form[0]]} "
                                  f"{('little', 'big')[form[1]]}-endian {data.hex()}: {got}")

    def run(self):
        for opnum in range(len(self.unit.operations)):
            for syntax, big in FORMS * VALUES:
                try:
                    self.exchange(opnum, syntax, big)
                except (random_idl.Hopeless, ndr.Refused):
                    continue  # no values were found that fit together


def load(tap, ironidl, ndr_peer, folder, file, number, peers):
    path = os.path.join(folder, file + ".idl")
    unit = ndr.compile_idl(ironidl, path, "--no-warn", "--dialect", "go", "-I", folder)[number]
    engine = Peer(ndr_peer, path, folder, str(number))
    case = Case(unit, engine, peers)
    with quiet():
        case.run()
    engine.close()
    for name in ["engine"] + [peer.name for peer in peers]:
        known = OTHERWISE.get((name, file), "").split()
        names = {opnum: op["name"] for opnum, op in enumerate(unit.operations)}
        problems = [f"{names[opnum]}: {text}" for (peer, opnum), text in case.wrong.items()
                    if peer == name and names[opnum] not in known and
                    not NO_OPERATION.fullmatch(names[opnum])]
        good = [opnum for peer, opnum in case.same
                if peer == name and (peer, opnum) not in case.wrong]
        buffers = sum(case.same[name, opnum] for opnum in good)
        tap.none(problems if good else ["nothing was compared"],
                 f"{name}, {file}: {len(good)} operations, {buffers} buffers the same")


def main():
    ironidl, ndr_peer, own, shared = sys.argv[1:5]
    corpus = os.path.join(shared, "idl", "ms")
    interfaces = OURS + INTERFACES if os.path.isdir(corpus) else OURS
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        for base, _, names in [*os.walk(own), *os.walk(corpus)]:
            for name in names:
                for alias in (name, "ms-" + name):  # they import each other so
                    link = os.path.join(folder, alias)
                    if name.endswith((".idl", ".h")) and not os.path.exists(link):
                        os.symlink(os.path.abspath(os.path.join(base, name)), link)
        for file, number, samba, impacket in interfaces:
            peers = ([Samba(samba)] if samba else []) + ([Impacket(impacket)] if impacket else [])
            load(tap, ironidl, ndr_peer, folder, file, number, peers)
    tap.done()


if __name__ == "__main__":
    main()
