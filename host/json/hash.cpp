// SPDX-License-Identifier: Apache-2.0
#include "json/hash.h"

#include <string>

#include "core/ids.h"
#include "json/write.h"

namespace syncline::json {

std::uint64_t stableHash(const Value& value, std::uint64_t seed) {
    std::string text;
    writeCanonical(value, text);
    return core::stableHash(text, seed);
}

}  // namespace syncline::json
