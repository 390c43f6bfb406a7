"""Generates the C++ of all messages: generate.py SCHEMA_FOLDER OUTPUT_FOLDER.

SCHEMA_FOLDER/messages/*.schema, one API each, become messages/NAME.h and .cc; SCHEMA_FOLDER/records/*.schema become
records/NAME.h and .cc in a namespace NAME. messages/all.h, api_versions_table.cc and testing/visit_fields.h hold what
spans all of them. Files that would not change are left alone.
"""

import pathlib
import sys

from cpp_emitter import field_visitors, message_declaration, message_definitions
from schema_model import INF, parse_file

BANNER = "// Generated from the schemas in src/wire/schema: edit those.\n"
INCLUDES = """#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/uuid.h"
#include "tributary/wire/api_key.h"
#include "tributary/wire/error_code.h"
#include "tributary/wire/reader.h"
#include "tributary/wire/unknown_tags.h"
#include "tributary/wire/writer.h"

"""


class Output:
    def __init__(self, folder):
        self.folder = folder

    def write(self, name, lines):
        path = self.folder / name
        text = BANNER + "\n".join(lines) + "\n"
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def api_name(message):
    return message.name.removesuffix("Request").removesuffix("Response")


def constants(message, is_api):
    if message.key is not None:
        yield (f"static constexpr ApiKey kKey = ApiKey::k{api_name(message)};" if is_api
               else f"static constexpr uint16_t kType = {message.key};")
    yield f"static constexpr int16_t kMinVersion = {message.versions.low};"
    yield f"static constexpr int16_t kMaxVersion = {message.versions.high};"
    yield f"static constexpr int16_t kFlexibleFrom = {'INT16_MAX' if message.flexible_from == INF else message.flexible_from};"
    yield "static constexpr bool is_flexible(int16_t version) { return version >= kFlexibleFrom; }"


def header(messages, namespace, is_api):
    yield INCLUDES + f"namespace {namespace} {{"
    yield ""
    for message in messages:
        yield from message_declaration(message, constants(message, is_api))
    if not is_api and any(m.key is not None for m in messages):
        yield "// Calls visit(std::type_identity<T>{}) with the record of this type; false if there is none."
        yield from type_switch("visit_record", "uint16_t type", "type", [(f"{m.name}::kType", m.name) for m in messages])
    yield f"}}  // namespace {namespace}"


def source(messages, namespace, include):
    yield f'#include "tributary/wire/{include}"'
    yield ""
    yield '#include "field_codec.h"'
    yield ""
    yield f"namespace {namespace} {{"
    yield ""
    for message in messages:
        yield from message_definitions(message)
    yield f"}}  // namespace {namespace}"


def type_switch(function, parameter, value, cases):
    yield "template <typename Visit>"
    yield f"bool {function}({parameter}, Visit&& visit) {{"
    yield f"  switch ({value}) {{"
    for label, name in cases:
        yield f"    case {label}: visit(std::type_identity<{name}>{{}}); return true;"
    yield "    default: return false;"
    yield "  }"
    yield "}"
    yield ""


def all_messages(apis):
    yield "#pragma once"
    yield "#include <type_traits>"
    yield ""
    yield from (f'#include "tributary/wire/messages/{stem}.h"' for stem in apis)
    yield ""
    yield "namespace tributary::wire {"
    yield ""
    yield "// Call visit(std::type_identity<T>{}) with the request or response of this API; false if there is none."
    for index, kind in enumerate(("request", "response")):
        pairs = [(f"ApiKey::k{api_name(m[index])}", m[index].name) for m in apis.values()]
        yield from type_switch(f"visit_{kind}", "ApiKey key", "key", pairs)
    yield "}  // namespace tributary::wire"


def versions_table(apis):
    yield '#include "tributary/wire/api_versions_table.h"'
    yield ""
    yield "#include <array>"
    yield "#include <cstdint>"
    yield ""
    yield "namespace tributary::wire {"
    yield "namespace {"
    yield ""
    requests = sorted((messages[0] for messages in apis.values()), key=lambda m: m.key)
    yield f"constexpr std::array<ApiInfo, {len(requests)}> kApis{{{{"
    for m in requests:
        flexible = "INT16_MAX" if m.flexible_from == INF else m.flexible_from
        yield f'    {{ApiKey::k{api_name(m)}, {m.versions.low}, {m.versions.high}, {flexible}, "{api_name(m)}"}},'
    yield "}};"
    yield ""
    yield "}  // namespace"
    yield ""
    yield "std::span<const ApiInfo> all_apis() { return kApis; }"
    yield ""
    yield "}  // namespace tributary::wire"


def visitors(groups):
    yield "#pragma once"
    yield from (f'#include "tributary/wire/{include}"' for include, _, _ in groups)
    for namespace in sorted({namespace for _, namespace, _ in groups}):
        inside = [m for _, other, messages in groups if other == namespace for m in messages]
        yield ""
        yield f"namespace {namespace} {{"
        yield ""
        for message in inside:
            yield from field_visitors(message)
        yield "template <typename Visit>"
        yield "void for_each_message(Visit& visit) {"
        yield from (f'  visit(std::type_identity<{m.name}>{{}}, "{m.name}");' for m in inside)
        yield "}"
        yield ""
        yield f"}}  // namespace {namespace}"


def main(schema_folder, output_folder):
    output = Output(output_folder)
    apis, groups = {}, []
    for path in sorted(schema_folder.glob("*/*.schema")):
        kind, stem = path.parent.name, path.stem
        messages = parse_file(path)
        is_api = kind == "messages"
        namespace = "tributary::wire" if is_api else f"tributary::wire::{stem}"
        output.write(f"{kind}/{stem}.h", header(messages, namespace, is_api))
        output.write(f"{kind}/{stem}.cc", source(messages, namespace, f"{kind}/{stem}.h"))
        groups.append((f"{kind}/{stem}.h", namespace, messages))
        if is_api and messages[0].key is not None:
            apis[stem] = messages
    output.write("messages/all.h", all_messages(apis))
    output.write("api_versions_table.cc", versions_table(apis))
    output.write("testing/visit_fields.h", visitors(groups))


main(*map(pathlib.Path, sys.argv[1:]))
