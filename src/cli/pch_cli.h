// Precompiled for this room on top of the common headers: what is slow to read and used by most of its files.
#pragma once
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
