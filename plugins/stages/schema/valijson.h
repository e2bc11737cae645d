// SPDX-License-Identifier: Apache-2.0
#pragma once

// clang-format off
// Before RapidJSON, and without this valijson ends the process where it means to throw.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/constraint_builder.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_visitor.hpp>
// clang-format on
