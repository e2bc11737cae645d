// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace syncline::json {

/// Appends `value` as JSON text without white space: the shortest numbers that read back the same,
/// integers up to 2^53 - 1 without point or exponent, larger numbers always with an exponent (so
/// that parse() takes back all that was written). Infinities and NaN, which JSON lacks, become
/// null.
void write(const Value& value, std::string& out);

std::string toText(const Value& value);

/// Appends `text` in quotes, escaped.
void writeString(std::string_view text, std::string& out);

/// Appends `number` as write() does.
void writeNumber(double number, std::string& out);

/// As write(), with the members of every object in the bytewise order of their keys: equal values
/// have equal texts. What is stored or compared as a hash comes from this.
void writeCanonical(const Value& value, std::string& out);

}  // namespace syncline::json
