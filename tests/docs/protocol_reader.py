"""A second reader of packets, written from docs/PROTOCOL.md and proto/cotext.proto alone.

Reads lines of hex from standard input, each a packet, after the path of the schema as argument.
Prints `packet FIRST RECEIVED AGAIN`, per message `KIND CHANNEL` and its fields in order, numbers in
decimal, bytes as `=HEX`; or `refused`.
"""
import re
import sys

MASK = (1 << 64) - 1
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
PACKET_BYTES, MESSAGES, STRINGS = 1114112, 4096, 1048576


def require(holds):
    if not holds:
        raise ValueError("refused")


def xxh64(data):
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
    turn = lambda x, r: ((x << r) | ((x & MASK) >> (64 - r))) & MASK
    mix = lambda lane, word: turn((lane + word * p2) & MASK, 31) * p1 & MASK
    word = lambda at, size: int.from_bytes(data[at:at + size], "little")
    at, result = 0, p5
    if len(data) >= 32:
        lanes = [p1 + p2 & MASK, p2, 0, -p1 & MASK]
        while len(data) - at >= 32:
            lanes = [mix(lane, word(at + 8 * i, 8)) for i, lane in enumerate(lanes)]
            at += 32
        result = sum(turn(lane, r) for lane, r in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            result = ((result ^ mix(0, lane)) * p1 + p4) & MASK
    result = result + len(data) & MASK
    while len(data) - at >= 8:
        result = turn(result ^ mix(0, word(at, 8)), 27) * p1 + p4 & MASK
        at += 8
    if len(data) - at >= 4:
        result = turn(result ^ word(at, 4) * p1 & MASK, 23) * p2 + p3 & MASK
        at += 4
    for byte in data[at:]:
        result = turn(result ^ byte * p5 & MASK, 11) * p1 & MASK
    result = (result ^ result >> 33) * p2 & MASK
    result = (result ^ result >> 29) * p3 & MASK
    return result ^ result >> 32


def read_schema(path):
    """Returns per message its fields by number, each (type, name)."""
    with open(path) as file:
        text = re.sub(r"//.*", "", file.read())
    schema = {}
    for name, body in re.findall(r"message (\w+) \{(.*?)\n?\}(?=\s*(?:message|enum|$))", text, re.S):
        fields = re.findall(r"(\w+) (\w+) = (\d+);", body)
        schema[name] = {int(number): (kind, field) for kind, field, number in fields}
    return schema


def fields(data):
    """Yields the number, the way of writing and the value of each field."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            require(at < len(data) and shift < 70)
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value & MASK

    def take(size):
        nonlocal at
        require(size <= len(data) - at)
        at += size
        return data[at - size:at]

    while at < len(data):
        tag = number()
        require(8 <= tag < 1 << 32)
        way = tag & 7
        require(way in (VARINT, FIXED64, BYTES, FIXED32))
        if way == VARINT:
            yield tag >> 3, way, number()
        elif way == BYTES:
            yield tag >> 3, way, take(number())
        else:
            yield tag >> 3, way, int.from_bytes(take(8 if way == FIXED64 else 4), "little")


def read_kind(schema, name, data):
    """Returns the fields of a kind, those that are not there too."""
    ways = {"bytes": BYTES, "fixed64": FIXED64}
    values = {n: b"" if kind == "bytes" else 0 for n, (kind, _) in schema[name].items()}
    for number, way, value in fields(data):
        if number in values and way == ways.get(schema[name][number][0], VARINT):
            values[number] = value
    words = []
    for number, (kind, field) in sorted(schema[name].items()):
        value = values[number]
        if field == "document_id":
            require(len(value) in (0, 16))
            value = value.ljust(16, b"\0")
            words += [int.from_bytes(value[:8], "big"), int.from_bytes(value[8:], "big")]
        elif kind == "bool":
            words.append(int(value != 0))
        else:
            words.append("=" + value.hex() if kind == "bytes" else value)
    require(sum(len(v) for n, v in values.items() if schema[name][n][0] == "bytes" and
                schema[name][n][1] != "document_id") <= STRINGS)
    return words


def read_message(schema, data):
    kind, channel, body = 0, 0, b""
    for number, way, value in fields(data):
        if number == 15 and way == VARINT:
            channel = value
        elif number != 15 and number in schema["Message"] and way == BYTES:
            # What is there twice is one; another kind takes the place of the first.
            body = body + value if kind == number else value
            kind = number
    name = schema["Message"][kind][0] if kind else None
    words = read_kind(schema, name, body) if name else []
    return " ".join(str(word) for word in [kind, channel, *words])


def read_packet(schema, data):
    require(len(data) <= PACKET_BYTES)
    head, checksum, messages = {1: 0, 2: 0, 3: 0}, None, []
    for number, way, value in fields(data):
        if number in head and way == VARINT:
            head[number] = value
        elif number == 4 and way == FIXED32:
            checksum = value
        elif number == 5 and way == BYTES:
            messages.append(value)
    require(len(messages) <= MESSAGES)
    first, received, again = head[1], head[2], int(head[3] != 0)
    hashed = [first, received, again] + [xxh64(message) for message in messages]
    require(checksum == xxh64(b"".join(n.to_bytes(8, "little") for n in hashed)) & 0xFFFFFFFF)
    lines = ["packet %d %d %d" % (first, received, again)]
    return lines + [read_message(schema, message) for message in messages]


SCHEMA = read_schema(sys.argv[1])
for line in sys.stdin:
    try:
        answer = read_packet(SCHEMA, bytes.fromhex(line))
    except ValueError:
        answer = ["refused"]
    print(*answer, ".", sep="\n")
