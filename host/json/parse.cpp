// SPDX-License-Identifier: Apache-2.0
#include "json/parse.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "json/careful_reader.h"
#include "json/quick_reader.h"
#include "json/utf8.h"

namespace syncline::json {

namespace {

using core::Code;

// The readers recurse.
constexpr std::size_t kDepthCeiling = 1000;

// A longer text gets memory of its own, which is given back at once.
constexpr std::size_t kKeptTextBytes = 64 * 1024;

/// What parse() needs again and again: a message costs less to read than to make room for.
class Workspace {
public:
    core::Result<Value> parse(std::string_view text, const ParseLimits& limits) {
        const char* const padded = hold(text);
        std::optional<Value> value = quickReader_.read(padded, text.size(), limits, stack_);
        stack_.clear();
        if (value) return *std::move(value);

        if (!isUtf8(text)) {
            return core::fail(
                Code::notJson,
                "not JSON at byte " + std::to_string(invalidUtf8At(text)) + ": not UTF-8");
        }
        core::Result<Value> result = readCarefully(text, hold(text), limits, stack_);
        stack_.clear();
        return result;
    }

private:
    /// A copy of the text with zeros behind it.
    char* hold(std::string_view text) {
        const std::size_t needed = text.size() + QuickReader::kPadding;
        if (needed > capacity_) {
            capacity_ = std::max<std::size_t>(needed, 4096);
            copy_ = std::make_unique_for_overwrite<char[]>(capacity_);
        }
        if (!text.empty()) std::memcpy(copy_.get(), text.data(), text.size());
        std::memset(copy_.get() + text.size(), 0, QuickReader::kPadding);
        return copy_.get();
    }

    QuickReader quickReader_;
    std::unique_ptr<char[]> copy_;
    std::size_t capacity_ = 0;
    std::vector<Value> stack_;
};

}  // namespace

core::Result<Value> parse(std::string_view text, const ParseLimits& asked) {
    if (text.size() > asked.bytesMax) {
        return core::fail(Code::notJson,
                          "not JSON: longer than " + std::to_string(asked.bytesMax) + " bytes");
    }
    ParseLimits limits = asked;
    limits.depthMax = std::min(limits.depthMax, kDepthCeiling);
    if (text.size() > kKeptTextBytes) return Workspace().parse(text, limits);
    thread_local Workspace workspace;
    return workspace.parse(text, limits);
}

}  // namespace syncline::json
