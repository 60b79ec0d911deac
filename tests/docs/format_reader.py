"""A second reader of updates and files, written from docs/FORMAT.md alone: as naive as can be.

Reads lines from standard input: `update HEX`, with a table of replicas `update:7,300 HEX`, or
`file HEX` of an uncompressed file. Prints what is in them: per change its first id and its parents,
per operation `ID + CHARACTER ORIGIN` or `ID - TARGET`, of a document its text and per named version
`name HEX HEADS`; or `refused`.
"""
import sys

NOWHERE, ROOT = None, -1  # An element is its number; an id is (counter, replica).
OPERATIONS_MAX = 1 << 20  # A limit of this reader, which takes them one by one.


def require(holds):
    if not holds:
        raise ValueError("refused")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def bytes(self, count):
        require(count <= self.left())
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.bytes(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                require((byte or shift == 7) and value < 1 << 64)
                return value
            require(shift < 70)

    def all(self, read):
        value = read(self)
        require(self.left() == 0)
        return value


def signed(number):
    return -(number + 1) // 2 if number % 2 else number // 2


def valid(id):
    require(0 < id[0] < 1 << 53 and 0 < id[1] < 1 << 53)
    return id


class Update:
    """§3. Changes are [replica, parents, first counter, first operation, length]."""

    def __init__(self, neighbours, known):
        self.neighbours, self.replicas = neighbours, list(known)
        self.changes, self.latest, self.end = [], {}, 0
        self.runs, self.operations, self.elements = [], [], []
        self.next, self.previous = {ROOT: NOWHERE}, {ROOT: NOWHERE}
        self.marked, self.deleted = set(), set()

    # 3.3
    def read_replicas(self, reader):
        replica, known = 0, len(self.replicas)
        for _ in range(reader.number()):
            step = reader.number()
            require(step > 0)
            replica += step
            require(replica < 1 << 53 and replica not in self.replicas[:known])
            self.replicas.append(replica)

    def replica(self, number):
        require(number < len(self.replicas))
        return self.replicas[number]

    # 3.4
    def read_changes(self, reader, count):
        for _ in range(count):
            replica = self.replica(reader.number())
            length, form = divmod(reader.number(), 8)
            require(length > 0)
            parents = self.read_parents(reader, form, replica)
            require(all(a < b for a, b in zip(parents, parents[1:])))
            first = 1 + max([counter for counter, _ in parents], default=0)
            require(first + length <= 1 << 53)
            require(self.end + length <= OPERATIONS_MAX)
            self.latest[replica] = [replica, parents, first, self.end, length]
            self.changes.append(self.latest[replica])
            self.end += length

    def read_parents(self, reader, form, replica):
        require(form <= 4)
        if form == 0:
            return []
        if form == 1:
            require(self.changes)
            return [self.before_last(self.changes[-1], 0)]
        if form == 2:
            if replica not in self.latest:
                return [valid((reader.number(), replica))]
            return [self.before_last(self.latest[replica], 0)]
        count = 1 if form == 3 else reader.number()
        require(count > 0)
        return [self.read_parent(reader) for _ in range(count)]

    def read_parent(self, reader):
        rest, form = divmod(reader.number(), 4)
        require(form <= 2)
        if form == 2:
            replica = self.replica(rest)
            return valid((reader.number(), replica))
        require(rest < len(self.changes))
        change = self.changes[len(self.changes) - 1 - rest]
        back = reader.number() if form == 1 else 0
        require(form == 0 or 0 < back < change[4])
        return self.before_last(change, back)

    def before_last(self, change, back):
        return (change[2] + change[4] - 1 - back, change[0])

    # 3.5
    def read_lengths(self, reader):
        for change in self.changes:
            left = change[4]
            while left > 0:
                length, form = divmod(reader.number(), 4)
                require(length + 1 <= left)
                left -= length + 1
                self.runs.append((change, form, length + 1))

    # 3.6
    def read_references(self, steps, distances):
        require(len(steps) == len(self.runs))
        parents = self.changes[0][1] if self.changes else []
        self.cursor = parents[-1] if parents else ROOT
        counters = {}
        for (change, form, length), step in zip(self.runs, steps):
            require(step <= 0x41)
            reference = self.walk(signed(step - 1)) if step else self.far(change, distances)
            first = counters.get(id(change), change[2])
            counters[id(change)] = first + length
            ids = [(first + i, change[0]) for i in range(length)]
            if form == 0:
                self.insert(ids, reference)
            else:
                self.delete(ids, form, reference)

    def far(self, change, distances):
        value = distances.number()
        if value == 0:
            return ROOT
        if value % 2 == 0:
            require(value // 2 <= len(self.elements))
            return len(self.elements) - value // 2
        replica, back = self.replica(value // 2), distances.number()
        require(back < 1 << 54)
        return valid((change[2] - signed(back), replica))

    def walk(self, steps):
        place = self.cursor
        if isinstance(place, tuple):
            return valid((place[0] + steps, place[1]))
        if not self.neighbours:
            require(ROOT <= place + steps < len(self.elements))
            return place + steps
        for _ in range(abs(steps)):
            place = (self.next if steps > 0 else self.previous)[place]
            require(place is not NOWHERE)
        return place

    def id_of(self, reference):
        return reference if isinstance(reference, tuple) else self.elements[reference]

    # 3.7
    def insert(self, ids, origin):
        behind = NOWHERE if isinstance(origin, tuple) else origin
        after = NOWHERE if behind is NOWHERE else self.next[behind]
        for id in ids:
            name = "root" if origin == ROOT else self.id_of(origin)
            origin = len(self.elements)
            self.operations.append([id, "+", name, origin])
            self.elements.append(id)
            self.previous[origin], self.next[origin] = origin - 1, origin + 1
        a, z = origin - len(ids) + 1, origin
        self.previous[a], self.next[z] = behind, after
        if after is not NOWHERE:
            self.previous[after] = z
        if behind is not NOWHERE:
            self.next[behind] = a
        self.cursor = z

    def delete(self, ids, form, first):
        require(first != ROOT)
        targets = [first]
        if form == 3:
            require(self.neighbours and not isinstance(first, tuple))
            for _ in ids[1:]:
                targets.append(self.next[targets[-1]])
                require(targets[-1] not in (NOWHERE, ROOT))
            require(len(set(targets)) == len(targets) and not self.marked & set(targets))
            ends = targets[0], targets[-1]
        else:
            step = 1 if form == 1 else -1
            if isinstance(first, tuple):
                targets = [valid((first[0] + step * i, first[1])) for i in range(len(ids))]
            else:
                targets = [first + step * i for i in range(len(ids))]
                require(all(0 <= target < len(self.elements) for target in targets))
            ends = min(targets), max(targets)
        self.operations += [[id, "-", self.id_of(target)] for id, target in zip(ids, targets)]
        if isinstance(first, tuple):
            counter, replica = ends[0]
            self.cursor = (counter - 1, replica) if counter > 1 else ROOT
            return
        self.marked |= set(targets)
        self.deleted |= set(targets)
        before = ends[0] - 1
        if self.neighbours:
            before, behind = self.previous[ends[0]], self.next[ends[1]]
            if before is not NOWHERE:
                self.next[before] = behind
            if behind is not NOWHERE:
                self.previous[behind] = before
        self.cursor = ROOT if before is NOWHERE else before

    # 3.8
    def set_text(self, data, lacks_deleted):
        text = data.decode("utf-8")
        kept = [e for e in range(len(self.elements)) if not (lacks_deleted and e in self.deleted)]
        require(len(text) == len(kept))
        self.text = dict(zip(kept, text))

    def character(self, element):
        return self.text.get(element, "\x1a")

    def lines(self):
        name = lambda id: id if id == "root" else "%d@%d" % id
        for replica, parents, first, operation, length in self.changes:
            yield " ".join(["change", name((first, replica)), "after", *map(name, parents)])
            for id, sign, reference, *element in self.operations[operation:operation + length]:
                text = [self.character(element[0]).encode().hex()] if element else []
                yield " ".join([name(id), sign, *text, name(reference)])


def read_plain(data, known=()):
    """§3.2."""
    reader = Reader(data)
    head = reader.bytes(1)[0]
    require(head & 0x87 == 1)
    update = Update(head & 0x20, known)
    if not head & 0x10:
        update.read_replicas(reader)
    update.read_changes(reader, 1 if head & 8 else reader.number())
    update.read_lengths(reader)
    update.read_references(reader.bytes(len(update.runs)), reader)
    update.set_text(reader.bytes(reader.left()), head & 0x40)
    return update


def xxh64(data):
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5, mask = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5, (1 << 64) - 1
    turn = lambda x, r: ((x << r) | ((x & mask) >> (64 - r))) & mask
    mix = lambda lane, word: turn((lane + word * p2) & mask, 31) * p1 & mask
    word = lambda at, size: int.from_bytes(data[at:at + size], "little")
    at = 0
    if len(data) >= 32:
        lanes = [p1 + p2 & mask, p2, 0, -p1 & mask]
        while len(data) - at >= 32:
            lanes = [mix(lane, word(at + 8 * i, 8)) for i, lane in enumerate(lanes)]
            at += 32
        result = sum(turn(lane, r) for lane, r in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            result = ((result ^ mix(0, lane)) * p1 + p4) & mask
    else:
        result = p5
    result = result + len(data) & mask
    while len(data) - at >= 8:
        result = turn(result ^ mix(0, word(at, 8)), 27) * p1 + p4 & mask
        at += 8
    if len(data) - at >= 4:
        result = turn(result ^ word(at, 4) * p1 & mask, 23) * p2 + p3 & mask
        at += 4
    for byte in data[at:]:
        result = turn(result ^ byte * p5 & mask, 11) * p1 & mask
    result = (result ^ result >> 33) * p2 & mask
    result = (result ^ result >> 29) * p3 & mask
    return result ^ result >> 32


def read_sections(data):
    """§4. Returns pairs of a kind and a content."""
    reader = Reader(data)
    require(reader.bytes(8) == b"\xc0text\r\n\x01")
    sections = []
    while reader.left() > 0:
        begin = reader.at
        kind, compression = reader.bytes(2)
        require(compression == 0)  # More would take libraries.
        require(kind % 2 == 0 or kind <= 23)
        content = reader.bytes(reader.number())
        checksum = xxh64(data[begin:reader.at]) & 0xFFFFFFFF
        require(int.from_bytes(reader.bytes(4), "little") == checksum)
        sections.append((kind, content))
    return sections


def read_names(reader):
    """§5, named versions."""
    names = []
    for _ in range(reader.number()):
        name = reader.bytes(reader.number())
        name.decode("utf-8")
        require(0 < len(name) <= 512)
        heads = [valid((reader.number(), reader.number())) for _ in range(reader.number())]
        require(all(a < b for a, b in zip(heads, heads[1:])))
        names.append((name, heads))
    require(len(names) <= 65536 and all(a[0] < b[0] for a, b in zip(names, names[1:])))
    return names


def read_base(reader):
    """§5, base. Returns the frontier of the horizon, and ids."""
    vector, version, replica = Reader(reader.bytes(reader.number())), [], 0
    for _ in range(vector.number()):
        step = vector.number()
        require(step > 0)
        replica += step
        version.append(valid((vector.number(), replica)))
    require(version and vector.left() == 0)
    frontier, entry = [], 0
    for i in range(reader.number()):
        step = reader.number()
        require(step > 0 or i == 0)
        entry += step
        require(entry < len(version))
        frontier.append(version[entry])
    require(frontier and max(frontier)[0] == max(version)[0])
    ids, entry, end = [], 0, 0
    while reader.left() > 0:
        length, other = divmod(reader.number(), 2)
        before, entry = entry, reader.number() if other else entry
        require(entry < len(version) and (not other or entry != before))
        first = end + signed(reader.number())
        end = first + length + 1
        require(0 < first and end <= version[entry][0] + 1)
        require(len(ids) + length < OPERATIONS_MAX)
        ids += [(counter, version[entry][1]) for counter in range(first, end)]
    require(len(set(ids)) == len(ids))
    return sorted(frontier), ids


def in_document_order(updates, base):
    """CRDT.md §1 and §2. Returns ids, those of the deleted ones apart."""
    order, deleted = list(base), set()
    for update in updates:
        for id, sign, reference, *_ in update.operations:
            if sign == "-":
                deleted.add(reference)
                continue
            at = 0 if reference == "root" else order.index(reference) + 1
            while at < len(order) and order[at] > id:
                at += 1
            order.insert(at, id)
    return order, deleted


def read_file(data):
    """§5."""
    sections = read_sections(data)

    def the(kind):
        (content,) = [content for one, content in sections if one == kind]
        return content

    form = the(3)
    require(len(form) == 1 and form[0] < 4)
    update = Update(form[0] & 1, ())
    Reader(the(5)).all(update.read_replicas)
    Reader(the(7)).all(lambda reader: update.read_changes(reader, reader.number()))
    Reader(the(9)).all(update.read_lengths)
    Reader(the(13)).all(lambda reader: update.read_references(the(11), reader))
    if not any(kind == 1 for kind, _ in sections):
        update.set_text(the(15), form[0] & 2)
        return list(update.lines())
    identity = the(1)
    require(len(identity) == 17 and identity[16] == 0)
    current, deleted = the(17).decode("utf-8"), "" if form[0] & 2 else the(19).decode("utf-8")
    frontier, base = (Reader(the(23)).all(read_base) if any(kind == 23 for kind, _ in sections)
                      else ([], []))
    require(not frontier or all(parents for _, parents, *_ in update.changes))
    order, gone = in_document_order([update], base)
    visible = [id for id in order if id not in gone]
    hidden = [] if form[0] & 2 else [id for id in base + update.elements if id in gone]
    require(len(visible) == len(current) and len(hidden) == len(deleted))
    text = dict(zip(visible + hidden, current + deleted))
    update.text = {e: text[id] for e, id in enumerate(update.elements) if id in text}
    updates = [update] + [read_plain(content) for kind, content in sections if kind == 21]
    order, gone = in_document_order(updates, base)
    characters = dict(text)
    for one in updates:
        characters |= {id: one.character(e) for e, id in enumerate(one.elements)}
    text = "".join(characters[id] for id in order if id not in gone)
    lists = [content for kind, content in sections if kind == 22]
    names = Reader(lists[-1]).all(read_names) if lists else []
    lines = [line for one in updates for line in one.lines()] + ["text " + text.encode().hex()]
    return lines + [" ".join(["name", name.hex(), *("%d@%d" % id for id in heads)])
                    for name, heads in names]


def lines_of(line):
    kind, _, digits = line.rstrip("\n").partition(" ")
    kind, _, known = kind.partition(":")
    data = bytes.fromhex(digits)
    try:
        if kind == "file":
            return read_file(data)
        return read_plain(data, [int(replica) for replica in known.split(",") if replica]).lines()
    except ValueError:
        return ["refused"]


for line in sys.stdin:
    print(*lines_of(line), ".", sep="\n")
