"""Prints C++ for the messages of schema_model: struct declarations, and decode, encode and == of each struct."""

from schema_model import INF, Versions

CPP_TYPES = {"string": "std::string_view", "bytes": "ByteView", "records": "ByteView", "uuid": "Uuid", "bool": "bool",
             "int8": "int8_t", "int16": "int16_t", "uint16": "uint16_t", "int32": "int32_t", "uint32": "uint32_t",
             "int64": "int64_t", "double": "double"}
METHODS = {"double": "float64"}
SIZES = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "double": 8, "uuid": 16}
FIXED_LENGTHS = {"string": 2, "bytes": 4, "records": 4}  # bytes of the length where not flexible


def is_error_code(f):
    return f.name == "error_code" and f.type == "int16" and not f.is_array


def is_optional(f):
    return f.nullable is not None or (f.type == "records" and not f.is_array)


def struct_name(message, name):
    """A nullable struct has to be complete before the message is, so such a message names outer structs by aliases."""
    return message.name + name if message.has_nullable_struct and name != message.name else name


def cpp_type(message, f):
    base = "ErrorCode" if is_error_code(f) else CPP_TYPES.get(f.type) or struct_name(message, f.type)
    if f.is_array:
        base = f"std::vector<{base}>"
    return f"std::optional<{base}>" if is_optional(f) else base


def initializer(message, f):
    if f.default == "null" or (f.type == "records" and f.default is None):
        return "{}"
    if f.default is not None:
        return f" = static_cast<ErrorCode>({f.default})" if is_error_code(f) else f" = {f.default}"
    if is_optional(f):
        return " = " + cpp_type(message, f).removeprefix("std::optional<").removesuffix(">") + "{}"
    return " = false" if f.type == "bool" and not f.is_array else "{}"


def condition(versions, scope):
    """A C++ expression for `version is in versions`, given that it is in scope; 'true' or 'false' if always or never."""
    if versions is None:
        return "false"
    parts = []
    if versions.low > scope.low:
        parts.append(f"version >= {versions.low}")
    if versions.high < scope.high:
        parts.append(f"version <= {versions.high}")
    return " && ".join(parts) or "true"


def flexible_expression(message, f=None):
    if message.flexible is False or (f and f.plain):
        return "false"
    return "true" if message.flexible else "flexible"


def min_size(message, struct, version):
    """The fewest bytes a struct of this version can take."""
    flexible = version >= message.flexible_from
    total = 1 if flexible else 0
    for f in struct.fields:
        if f.untagged and version in f.untagged:
            total += min_field_size(message, f, version, flexible)
    return total


def min_field_size(message, f, version, flexible):
    compact = flexible and not f.plain
    if f.is_array:
        return 1 if compact else 4
    if f.type in SIZES:
        return SIZES[f.type]
    if f.type in FIXED_LENGTHS:
        return 1 if compact else FIXED_LENGTHS[f.type]
    return 1 if f.nullable and version in f.nullable else min_size(message, message.struct(f.type), version)


def min_element_size(message, f):
    """Expression for the fewest bytes an element of an array can take: one number per width of lengths."""

    def smallest(flexible):
        versions = [v for v in range(f.versions.low, f.versions.high + 1) if (v >= message.flexible_from) == flexible]
        if f.type in SIZES:
            return SIZES[f.type]
        if f.type in FIXED_LENGTHS:
            return 1 if flexible else FIXED_LENGTHS[f.type]
        return max(1, min((min_size(message, message.struct(f.type), v) for v in versions), default=1))

    if message.flexible is not None:
        return str(smallest(message.flexible))
    flexible, fixed = smallest(True), smallest(False)
    return str(flexible) if flexible == fixed else f"flexible ? {flexible} : {fixed}"


class StructEmitter:
    """One struct of a message, or the message itself."""

    def __init__(self, message, struct):
        self.message = message
        self.struct = struct
        self.name = struct_name(message, struct.name)
        nested = struct is not message and not message.has_nullable_struct
        self.qualified = f"{message.name}::{self.name}" if nested else self.name
        self.can_be_flexible = message.flexible is not False

    def has_bytes(self):
        return any(f.type in ("bytes", "records") for f in self.struct.fields)

    # --- declaration

    def members(self, indent):
        pad = " " * indent
        for f in self.struct.fields:
            yield f"{pad}{cpp_type(self.message, f)} {f.name}{initializer(self.message, f)};"
        if self.can_be_flexible:
            yield f"{pad}UnknownTags unknown_tags{{}};"
        yield ""
        yield f"{pad}bool decode(Reader& in, int16_t version);"
        yield f"{pad}void encode(Writer& out, int16_t version) const;"
        suffix = "" if self.has_bytes() else " = default"
        yield f"{pad}bool operator==(const {self.name}&) const{suffix};"

    def declaration(self, indent):
        yield f"{' ' * indent}struct {self.name} {{"
        yield from self.members(indent + 2)
        yield f"{' ' * indent}}};"
        yield ""

    # --- definitions

    def definitions(self):
        yield from self._function(f"bool {self.qualified}::decode(Reader& in, [[maybe_unused]] int16_t version)",
                                  [*self._decode_fields(), *self._decode_tags(), "return in.ok();"])
        yield from self._function(f"void {self.qualified}::encode([[maybe_unused]] Writer& out, "
                                  "[[maybe_unused]] int16_t version) const",
                                  [*self._encode_fields(), *self._encode_tags()])
        if self.has_bytes():
            yield from self._equality()

    def _function(self, head, body):
        yield head + " {"
        if self.message.flexible is None and any("flexible" in line for line in body):
            yield f"  const bool flexible = version >= {self.message.flexible_from};"
        yield from ("  " + line for line in body)
        yield "}"
        yield ""

    def _untagged(self, statements):
        for f in self.struct.fields:
            if f.untagged:
                yield from _guarded(condition(f.untagged, self.struct.versions), statements(f))

    def _decode_fields(self):
        return self._untagged(lambda f: self._read(f, "in", f.untagged))

    def _encode_fields(self):
        return self._untagged(lambda f: self._write(f, f.untagged))

    def _tagged(self):
        return sorted((f for f in self.struct.fields if f.tagged), key=lambda f: f.tag)

    def _decode_tags(self):
        if not self.can_be_flexible:
            return []
        if not self._tagged():
            return _guarded(flexible_expression(self.message), ["unknown_tags.decode(in);"])
        body = ["decode_tags(in, unknown_tags, [&](uint32_t tag, Reader& tagged) {", "  switch (tag) {"]
        for f in self._tagged():
            scope = self._tag_scope()
            body.append(f"    case {f.tag}:")
            known = condition(f.tagged, scope)
            if known != "true":
                body.append(f"      if (!({known})) return false;")
            body += ["      " + line for line in self._read(f, "tagged", f.tagged)]
            body.append("      return true;")
        body += ["    default:", "      return false;", "  }", "});"]
        return _guarded(flexible_expression(self.message), body)

    def _encode_tags(self):
        if not self.can_be_flexible:
            return []
        if not self._tagged():
            return _guarded(flexible_expression(self.message), ["unknown_tags.encode(out);"])
        body = []
        for f in self._tagged():
            known = condition(f.tagged, self._tag_scope())
            differs = self._differs_from_default(f)
            body.append(f"const bool has_{f.tag} = " + (differs if known == "true" else f"{known} && {differs}") + ";")
        count = " + ".join(f"size_t{{has_{f.tag}}}" for f in self._tagged())
        body.append(f"TagWriter tags(out, unknown_tags, {count});")
        for f in self._tagged():
            body.append(f"if (has_{f.tag}) {{")
            body.append(f"  tags.begin({f.tag});")
            body += ["  " + line for line in self._write(f, f.tagged)]
            body += ["  tags.end();", "}"]
        body.append("tags.finish();")
        return _guarded(flexible_expression(self.message), body)

    def _tag_scope(self):
        return self.struct.versions.clamp(Versions(self.message.flexible_from, INF)) or self.struct.versions

    def _differs_from_default(self, f):
        if f.default == "null" or (f.type == "records" and f.default is None):
            return f"{f.name}.has_value()"
        if is_optional(f):
            return f"(!{f.name}.has_value() || !{f.name}->empty())"
        if f.is_array or f.type in ("string", "bytes"):
            return f"!{f.name}.empty()"
        if f.type == "bool":
            return f"{f.name}" if f.default != "true" else f"!{f.name}"
        if f.is_struct:
            return f"{f.name} != {struct_name(self.message, f.type)}{{}}"
        if f.type == "uuid":
            return f"!{f.name}.is_zero()"
        return f"{f.name} != " + (f"static_cast<ErrorCode>({f.default or 0})" if is_error_code(f) else f.default or "0")

    def _equality(self):
        lines = []
        for f in self.struct.fields:
            same = f"same_bytes({f.name}, other.{f.name})" if f.type in ("bytes", "records") else f"{f.name} == other.{f.name}"
            lines.append(same)
        if self.can_be_flexible:
            lines.append("unknown_tags == other.unknown_tags")
        yield f"bool {self.qualified}::operator==(const {self.name}& other) const {{"
        yield "  return " + " &&\n         ".join(lines) + ";"
        yield "}"
        yield ""

    # --- one field

    def _read(self, f, reader, scope):
        flexible = flexible_expression(self.message, f)
        if f.is_array:
            nullable = f", {condition(f.nullable, scope)}" if f.nullable else ""
            element = f"item.decode({reader}, version);" if f.is_struct else f"item = {_read_scalar(f, reader, flexible)};"
            return [f"read_array({reader}, {flexible}, {min_element_size(self.message, f)}, {f.name}{nullable}, "
                    f"[&](auto& item) {{ {element} }});"]
        if f.is_struct:
            if not f.nullable:
                return [f"{f.name}.decode({reader}, version);"]
            return [f"if ({reader}.read_int8() >= 0) {f.name}.emplace().decode({reader}, version);",
                    f"else {f.name}.reset();"]
        return [f"{f.name} = {self._read_value(f, reader, scope, flexible)};"]

    def _read_value(self, f, reader, scope, flexible):
        plain = _read_scalar(f, reader, flexible)
        nullable = condition(f.nullable, scope)
        if nullable == "false":
            return plain
        kind = "string" if f.type == "string" else "bytes"
        optional = f"{reader}.read_nullable_{kind}({flexible})"
        return optional if nullable == "true" else f"{nullable} ? {optional} : {plain}"

    def _write(self, f, scope):
        flexible = flexible_expression(self.message, f)
        if f.is_array:
            nullable = f", {condition(f.nullable, scope)}" if f.nullable else ""
            element = "item.encode(out, version);" if f.is_struct else _write_scalar(f, "item", flexible)
            return [f"write_array(out, {flexible}, {f.name}{nullable}, [&](const auto& item) {{ {element} }});"]
        if f.is_struct:
            if not f.nullable:
                return [f"{f.name}.encode(out, version);"]
            return [f"out.write_int8({f.name} ? 1 : -1);", f"if ({f.name}) {f.name}->encode(out, version);"]
        return self._write_value(f, scope, flexible)

    def _write_value(self, f, scope, flexible):
        nullable = condition(f.nullable, scope)
        if not is_optional(f):
            return [_write_scalar(f, f.name, flexible)]
        method = f"write_nullable_{f.type}" if f.type != "records" else "write_records"
        optional = f"out.{method}({f.name}, {flexible});"
        empty = _write_scalar(f, f"{f.name}.value_or({CPP_TYPES[f.type]}{{}})", flexible)
        if nullable == "true":
            return [optional]
        return [empty] if nullable == "false" else [f"if ({nullable}) {optional}", f"else {empty}"]


def _read_scalar(f, reader, flexible):
    if f.type in FIXED_LENGTHS:
        return f"{reader}.read_{'string' if f.type == 'string' else 'bytes'}({flexible})"
    value = f"{reader}.read_{METHODS.get(f.type, f.type)}()"
    return f"static_cast<ErrorCode>({value})" if is_error_code(f) else value


def _write_scalar(f, value, flexible):
    if f.type in FIXED_LENGTHS:
        return f"out.write_{f.type}({value}, {flexible});"
    if is_error_code(f):
        value = f"static_cast<int16_t>({value})"
    return f"out.write_{METHODS.get(f.type, f.type)}({value});"


def _guarded(guard, statements):
    if guard == "true":
        return statements
    if guard == "false":
        return []
    if len(statements) == 1:
        return [f"if ({guard}) {statements[0]}"]
    return [f"if ({guard}) {{", *("  " + s for s in statements), "}"]


def message_declaration(message, constants):
    outside = message.has_nullable_struct
    if outside:
        for struct in message.structs:
            yield from StructEmitter(message, struct).declaration(0)
    yield f"struct {message.name} {{"
    yield from ("  " + line for line in constants)
    yield ""
    for struct in message.structs:
        if outside:
            yield f"  using {struct.name} = {message.name}{struct.name};"
        else:
            yield from StructEmitter(message, struct).declaration(2)
    yield from StructEmitter(message, message).members(2)
    yield "};"
    yield ""


def message_definitions(message):
    for struct in [*message.structs, message]:
        yield from StructEmitter(message, struct).definitions()


def field_visitors(message):
    """visit_fields(visitor, struct, version) for tests: every field of this version with its name and nullability."""
    for struct in [*message.structs, message]:
        emitter = StructEmitter(message, struct)
        yield "template <typename Visitor>"
        yield (f"void visit_fields([[maybe_unused]] Visitor& visitor, [[maybe_unused]] {emitter.qualified}& message, "
               "[[maybe_unused]] int16_t version) {")
        for f in struct.fields:
            call = f'visitor.field("{f.name}", message.{f.name}, {condition(f.nullable, f.versions)}, version);'
            yield from ("  " + line for line in _guarded(condition(f.versions, struct.versions), [call]))
        yield "}"
        yield ""
