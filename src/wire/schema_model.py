"""The project's message schemas: a parser for *.schema files and the model that the generator prints from.

    ProduceRequest 0 v3-13 flexible 9+        message, its key (API or record type), versions, first flexible version
      topic_id: uuid v13+                     field, only in versions 13 and up
      rack: string? = null                    nullable in every version it is in; `?7+` from version 7
      topics: []Topic? tag 0 v12+             tagged field; versions after the tag are those in which it is tagged
        name: string                          fields of Topic
      client_id: string? plain                never in compact form, even where the message is flexible
      struct Shared                           a struct that several fields of the message use
        id: int32

No versions given means all those of what encloses it. Lines starting with # are comments.
"""

import re
from dataclasses import dataclass, field

INF = 32767
SCALARS = ("bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "double", "uuid")
VARIABLE = ("string", "bytes", "records")
FIELD = re.compile(
    r"(?P<name>[a-z][a-z0-9_]*): (?P<array>\[\])?(?P<type>\w+)(?P<null>\?(?P<null_versions>[0-9+-]+)?)?"
    r"( v(?P<versions>[0-9+-]+))?( tag (?P<tag>\d+)( v(?P<tag_versions>[0-9+-]+))?)?(?P<plain> plain)?"
    r"( = (?P<default>\S+))?$")
MESSAGE = re.compile(r"(?P<name>\w+)( (?P<key>\d+))? v(?P<versions>[0-9-]+)( flexible (?P<flexible>\d+)\+)?$")


class SchemaError(Exception):
    pass


@dataclass(frozen=True)
class Versions:
    low: int
    high: int

    @staticmethod
    def parse(text):
        if text.endswith("+"):
            return Versions(int(text[:-1]), INF)
        low, _, high = text.partition("-")
        return Versions(int(low), int(high or low))

    def clamp(self, other):
        result = Versions(max(self.low, other.low), min(self.high, other.high))
        return result if result.low <= result.high else None

    def __contains__(self, version):
        return self.low <= version <= self.high


@dataclass
class Field:
    name: str
    type: str
    is_array: bool
    versions: Versions
    nullable: Versions | None
    tag: int | None
    tagged: Versions | None  # versions in which it goes by its tag
    plain: bool
    default: str | None

    @property
    def is_struct(self):
        return self.type not in SCALARS and self.type not in VARIABLE

    @property
    def untagged(self):
        """Versions in which it stands in its place among the fields."""
        if self.tagged is None:
            return self.versions
        return self.versions.clamp(Versions(0, self.tagged.low - 1))


@dataclass
class Struct:
    name: str
    versions: Versions
    fields: list = field(default_factory=list)


@dataclass
class Message(Struct):
    key: int | None = None
    flexible_from: int = INF
    structs: list = field(default_factory=list)  # every struct comes after those it uses

    def struct(self, name):
        return next(s for s in self.structs if s.name == name)

    @property
    def has_nullable_struct(self):
        return any(f.is_struct and f.nullable and not f.is_array for s in [self, *self.structs] for f in s.fields)

    @property
    def flexible(self):
        """True or False where that is so in all versions, else None."""
        if self.flexible_from <= self.versions.low:
            return True
        return False if self.flexible_from > self.versions.high else None


def parse_file(path):
    lines = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            lines.append((len(line) - len(line.lstrip()), line.strip(), f"{path.name}:{number}"))
    messages = []
    while lines:
        messages.append(_parse_message(lines))
    return messages


def _parse_message(lines):
    indent, text, where = lines.pop(0)
    match = MESSAGE.match(text)
    if indent or not match:
        raise SchemaError(f"{where}: not a message: {text}")
    message = Message(match["name"], Versions.parse(match["versions"]))
    message.key = int(match["key"]) if match["key"] else None
    message.flexible_from = int(match["flexible"]) if match["flexible"] else INF
    found = []
    _parse_fields(lines, message, indent, found)
    message.structs = _leaves_first(message, found, where)
    return message


def _parse_fields(lines, owner, owner_indent, found):
    indent = lines[0][0] if lines else 0
    while lines and lines[0][0] == indent > owner_indent:
        _, text, where = lines.pop(0)
        if text.startswith("struct "):
            struct = Struct(text.split()[1], owner.versions)
        else:
            struct = _parse_field(text, owner, where)
        if lines and lines[0][0] > indent:
            found.append(struct)
            _parse_fields(lines, struct, indent, found)


def _parse_field(text, owner, where):
    match = FIELD.match(text)
    if not match:
        raise SchemaError(f"{where}: not a field: {text}")
    versions = owner.versions
    if match["versions"]:
        versions = Versions.parse(match["versions"]).clamp(owner.versions)
    nullable = tagged = None
    if match["null"]:
        nullable = Versions.parse(match["null_versions"]).clamp(versions) if match["null_versions"] else versions
    if match["tag"]:
        tagged = Versions.parse(match["tag_versions"]).clamp(versions) if match["tag_versions"] else versions
    if versions is None or (tagged and tagged.high != versions.high):
        raise SchemaError(f"{where}: versions that never occur: {text}")
    owner.fields.append(Field(match["name"], match["type"], bool(match["array"]), versions, nullable,
                              int(match["tag"]) if match["tag"] else None, tagged, bool(match["plain"]),
                              match["default"]))
    return Struct(match["type"], versions)


def _leaves_first(message, found, where):
    by_name = {struct.name: struct for struct in found}
    if len(by_name) != len(found):
        raise SchemaError(f"{where}: a struct is defined twice")
    ordered = []

    def visit(struct):
        for f in struct.fields:
            if f.is_struct:
                if f.type not in by_name:
                    raise SchemaError(f"{where}: no struct {f.type}")
                visit(by_name[f.type])
        if struct is not message and struct not in ordered:
            ordered.append(struct)

    visit(message)
    return ordered
