"""A second reader of what OT sends and keeps, written from docs/FORMAT.md §9 alone.

Reads lines of hexadecimal bytes from standard input and prints a line for each: what it is and what
is in it, or `refused`.
"""
import sys

LIMIT = 1 << 53


def require(holds):
    if not holds:
        raise ValueError("refused")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def done(self):
        return self.at == len(self.data)

    def bytes(self, count):
        require(count <= len(self.data) - self.at)
        self.at += count
        return self.data[self.at - count:self.at]

    def rest(self):
        return self.bytes(len(self.data) - self.at)

    # §1
    def any_number(self):
        value = shift = 0
        while True:
            byte = self.bytes(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                require((byte or shift == 7) and value < 1 << 64)
                return value
            require(shift < 70)

    def number(self, least=0):
        value = self.any_number()
        require(least <= value < LIMIT)
        return value

    def sized(self):
        return self.bytes(self.number())

    def hash(self):
        return "%016x" % int.from_bytes(self.bytes(8), "little")


def text(data):
    data.decode("utf-8")  # UnicodeDecodeError is a ValueError.
    return data.hex()


# 9.1
def operation(data):
    reader, parts, last, base, target = Reader(data), [], None, 0, 0
    while not reader.done():
        n, form = divmod(reader.any_number(), 4)
        require(n > 0)
        kind = "=+--"[form]
        require(kind != last)
        last = kind
        if form in (1, 3):
            content = reader.bytes(n)
            shown, n = text(content), len(content.decode("utf-8"))
        else:
            shown = str(n)
        base += 0 if kind == "+" else n
        target += 0 if kind == "-" else n
        require(base <= LIMIT and target <= LIMIT)
        parts.append(kind + ("t" if form == 3 else "") + shown)
    require(last != "=")
    return ",".join(parts) or "nothing"


# 9.2
def submission(reader):
    numbers = [reader.number(1), reader.number(1), reader.number()]
    return ["submission", *numbers, operation(reader.rest())]


def truncation(reader):
    return ["truncation", reader.number()]


# 9.3
def commit_list(reader):
    clients, found = [], []
    while not reader.done():
        author = reader.number()
        require(author <= len(clients))
        if author == len(clients):
            client = reader.number(1)
            require(client not in clients)
            clients.append(client)
        found.append([clients[author], reader.number(1), operation(reader.sized())])
    return found


def show_commits(first, found):
    return ["%d:%d:%d:%s" % (first + i, *commit) for i, commit in enumerate(found)]


def commits(reader):
    first = reader.number(1)
    found = commit_list(reader)
    require(found and first + len(found) <= LIMIT)
    return ["commits", *show_commits(first, found)]


# 9.4
def snapshot(reader):
    position, revision, forgotten = reader.number(), reader.number(), reader.number()
    out = ["snapshot", position, revision, forgotten, text(reader.sized()) or "-"]
    client = 0
    for _ in range(reader.number()):
        client += reader.number(1)
        require(client < LIMIT)
        seq = reader.number(1)
        at, refused = divmod(reader.number(), 2)
        code = reader.number() if refused else 0
        require(not refused or code in (4, 6, 50, 51))
        out.append("decision:%d:%d:%d:%d:%s" % (client, seq, at, code, reader.hash()))
    at = 0
    for i in range(reader.number()):
        step = reader.number(1 if i else 0)
        at += step
        require(at < LIMIT)
        out.append("hash:%d:%s" % (at, reader.hash()))
    found = commit_list(reader)
    require(len(found) <= revision)
    return out + show_commits(revision - len(found) + 1, found)


# 9.5
def client(reader):
    flags = reader.number()
    require(flags < 8 and (flags & 1 or not flags & 2))
    out = ["client", reader.number(1), reader.number(1), reader.number(), reader.number()]
    if flags & 1:
        base, sent = reader.number(), operation(reader.sized())
        now = sent
        if not flags & 2:
            now = operation(reader.sized())
            require(now != sent)
        edits = [reader.number(), reader.number()]
        out += [base, sent, now, *edits, operation(reader.sized())]
    require(reader.done())
    return out + ["needs_snapshot"] if flags & 4 else out


def document(reader):
    inner = Reader(reader.sized())
    require(head(inner) == 5)
    out = ["document", *client(inner)]
    flags = reader.number()
    require(flags < 8 and (flags & 1 or flags == 0))
    if flags & 1:
        out += ["returned", operation(reader.sized()), reader.number(), reader.number(), flags >> 1]
    return out + [text(reader.rest()) or "-"]


def head(reader):
    byte = reader.bytes(1)[0]
    require(byte & 7 == 1)
    return byte >> 3


FORMS = {1: submission, 2: truncation, 3: commits, 4: snapshot, 5: client, 6: document}


def line_of(digits):
    try:
        reader = Reader(bytes.fromhex(digits))
        form = head(reader)
        require(form in FORMS)
        found = FORMS[form](reader)
        require(reader.done())
        return " ".join(map(str, found))
    except ValueError:
        return "refused"


for line in sys.stdin:
    print(line_of(line.strip()))
