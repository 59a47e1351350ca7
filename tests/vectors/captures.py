#!/usr/bin/env python3
"""Real traffic through our decoders: captures.py PDU-CHECK FOLDER-OF-CAPTURES

Takes the DCE/RPC PDUs out of every pcap and pcapng file (plain TCP, SMB1 and SMB2 named pipes), hands
them to the program pdu_check, and judges what it says, as TAP. Frames that are no DCE/RPC are left
out by looking at the 16 bytes of header only: version, data representation, type, lengths.
"""
import collections
import glob
import os
import struct
import subprocess
import sys

# One capture was made up by hand: its bind_ack has a trailer at an odd place, and is to be refused.
EXPECTED = {("arkime_arkime__tests_pcap_ntlm_synthetic.pcap", "A01")}

KNOWN_TYPES = (0, 2, 3, 11, 12, 13, 14, 15, 16, 17, 18, 19)


def blocks(data):
    """(link type, packet) of a pcap or pcapng file."""
    magic = data[:4]
    if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        order = "<" if magic[0] in (0xd4, 0x4d) else ">"
        link = struct.unpack(order + "I", data[20:24])[0] & 0xffff
        at = 24
        while at + 16 <= len(data):
            n = struct.unpack(order + "I", data[at + 8:at + 12])[0]
            yield link, data[at + 16:at + 16 + n]
            at += 16 + n
        return
    at, order, links = 0, "<", []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links = []
        kind, size = struct.unpack(order + "II", data[at:at + 8])
        body = data[at + 8:at + size - 4]
        if kind == 1:
            links.append(struct.unpack(order + "H", body[:2])[0])
        elif kind == 6:
            interface, _, _, n = struct.unpack(order + "IIII", body[:16])
            yield links[interface], body[20:20 + n]
        elif kind == 3:
            yield links[0], body[4:]
        at += max(size, 12)


def ip_packet(link, packet):
    """The IP packet in a frame, or nothing."""
    if link == 1:
        at = 12
        while packet[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
        return packet[at + 2:] if packet[at:at + 2] in (b"\x08\x00", b"\x86\xdd") else b""
    if link == 113:
        return packet[16:]
    if link == 0:
        return packet[4:]
    return packet


def tcp_segment(packet):
    """(connection and direction, sequence number, payload)"""
    if len(packet) < 40:
        return None
    if packet[0] >> 4 == 4:
        at, total = (packet[0] & 15) * 4, struct.unpack(">H", packet[2:4])[0]
        fragment = struct.unpack(">H", packet[6:8])[0] & 0x3fff
        if packet[9] != 6 or fragment:
            return None
        addresses, packet = packet[12:20], packet[:total] if total else packet
    elif packet[0] >> 4 == 6 and packet[6] == 6:
        at, addresses = 40, packet[8:40]
    else:
        return None
    if len(packet) < at + 20:
        return None
    source, target, number = struct.unpack(">HHI", packet[at:at + 8])
    half = len(addresses) // 2
    key = (addresses[:half], source, addresses[half:], target)
    return key, number, packet[at + (packet[at + 12] >> 4) * 4:]


def streams(path):
    """(source port, target port, contiguous bytes) of each direction of each connection."""
    segments = collections.defaultdict(list)
    with open(path, "rb") as file:
        data = file.read()
    for link, packet in blocks(data):
        segment = tcp_segment(ip_packet(link, packet))
        if segment and segment[2]:
            segments[segment[0]].append(segment[1:])
    for key, parts in segments.items():
        first = parts[0][0]
        order = sorted(((number - first + (1 << 31)) % (1 << 32), payload) for number, payload in parts)
        run, following = bytearray(), None
        for number, payload in order:
            if following is None or number > following:
                if run:
                    yield key[1], key[3], bytes(run)
                run, following = bytearray(payload), number + len(payload)
            elif number + len(payload) > following:
                run += payload[following - number:]
                following = number + len(payload)
        yield key[1], key[3], bytes(run)


def frames(data):
    """The PDUs at the beginning of `data`, while they look like some."""
    at = 0
    while at + 16 <= len(data):
        head = data[at:at + 16]
        order = "<" if head[4] & 0x10 else ">"
        length, auth = struct.unpack(order + "HH", head[8:12])
        if head[0] != 5 or head[1] > 1 or head[2] not in KNOWN_TYPES or head[4] not in (0, 16) \
                or head[5:8] != b"\0\0\0" or length < 16 or at + length > len(data) \
                or auth + 24 > max(length, 24 if not auth else 0):
            return
        yield data[at:at + length]
        at += length


def smb2_data(message):
    """What a pipe carries in one SMB2 message: write, read answer, both directions of ioctl."""
    while len(message) >= 64:
        command = struct.unpack("<H", message[12:14])[0]
        is_answer, following = message[16] & 1, struct.unpack("<I", message[20:24])[0]
        body = message[64:] + bytes(64)
        where = None
        if command == 9 and not is_answer:
            where = struct.unpack("<HI", body[2:8])
        elif command == 8 and is_answer:
            where = body[2], struct.unpack("<I", body[4:8])[0]
        elif command == 11:
            where = struct.unpack("<II", body[32:40] if is_answer else body[24:32])
        if where and where[1]:
            yield message[where[0]:where[0] + where[1]]
        if following < 64:
            return
        message = message[following:]


def smb1_data(message):
    command, is_answer, words = message[4], message[9] & 0x80, message[33:] + bytes(64)
    where = None
    if command == 0x2f and not is_answer:
        length, offset = struct.unpack("<HH", words[20:24])
        where = offset, length
    elif command == 0x2e and is_answer:
        length, offset = struct.unpack("<HH", words[10:14])
        where = offset, length
    elif command == 0x25:
        length, offset = struct.unpack("<HH", words[12:16] if is_answer else words[22:26])
        where = offset, length
    if where and where[1]:
        yield message[where[0]:where[0] + where[1]]


def pdus(path):
    for source, target, data in streams(path):
        if not {source, target} & {445, 139}:
            yield from frames(data)
            continue
        at = 0
        while at + 40 <= len(data):
            length = struct.unpack(">I", data[at:at + 4])[0] & 0xffffff
            message = data[at + 4:at + 4 + length]
            if message[:4] == b"\xfeSMB":
                for payload in smb2_data(message):
                    yield from frames(payload)
            elif message[:4] == b"\xffSMB" and len(message) > 33:
                for payload in smb1_data(message):
                    yield from frames(payload)
            at += 4 + length


def main():
    program, folder = sys.argv[1:3]
    paths = sorted(glob.glob(os.path.join(folder, "*.pcap*")))
    print("1..2", flush=True)
    if not paths:
        print(f"ok 1 - captures # SKIP no captures in {folder}")
        print("ok 2 - enough of them # SKIP no captures")
        return 0
    records, origins = bytearray(), []
    for path in paths:
        for pdu in pdus(path):
            records += struct.pack("<I", len(pdu)) + pdu
            origins.append(os.path.basename(path))
    wrapper = os.environ.get("MESON_EXE_WRAPPER", "").split()
    run = subprocess.run([*wrapper, program], input=bytes(records), capture_output=True, check=False)
    refused, expected = 0, set()
    for line in run.stdout.decode().splitlines():
        if line.startswith("refused "):
            _, number, _, _, check = line.split()[:5]
            reason = (origins[int(number)], check)
            expected |= EXPECTED & {reason}
            refused += reason not in EXPECTED
            print(f"# {reason[0]}: {line}")
        else:
            print(f"# {line}")
    sys.stdout.write("".join(f"# {line}\n" for line in run.stderr.decode().splitlines()))
    good = run.returncode == 0 and refused == 0 and expected == EXPECTED
    print(f"{'ok' if good else 'not ok'} 1 - {len(origins)} PDUs of {len(paths)} captures decode")
    enough = len(origins) > 10000
    print(f"{'ok' if enough else 'not ok'} 2 - there are more than 10000 of them")
    return 0 if good and enough else 1


if __name__ == "__main__":
    sys.exit(main())
