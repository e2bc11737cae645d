// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "json/parse.h"
#include "json/value.h"

namespace syncline::json {

/// Reads one JSON text through simdjson: a third of the time of the careful reader, and as strict,
/// but it does not say why it refuses. Keeps the memory of its last text. One thread at a time.
class QuickReader {
public:
    /// Bytes that must be readable behind the text.
    static const std::size_t kPadding;

    QuickReader();
    ~QuickReader();

    /// `stack` is empty, and for this call's use.
    std::optional<Value> read(const char* paddedText, std::size_t size, const ParseLimits& limits,
                              std::vector<Value>& stack);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace syncline::json
