// SPDX-License-Identifier: Apache-2.0
#include "wire/reply.h"

#include <array>
#include <charconv>
#include <cstdint>

#include "json/write.h"

namespace syncline::wire {

namespace {

void appendNumber(std::string& out, std::uint32_t number) {
    std::array<char, 10> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

}  // namespace

void appendReplyHead(std::string& out, std::string_view type, const json::Value& id) {
    out.append(R"({"type":)");
    json::writeString(type, out);
    if (id.isNull()) return;
    out.append(R"(,"re":)");
    json::write(id, out);
}

void appendError(std::string& out, const json::Value& id, const core::Error& error,
                 std::string_view channel) {
    appendReplyHead(out, "error", id);
    if (!channel.empty()) {
        out.append(R"(,"channel":)");
        json::writeString(channel, out);
    }
    out.append(R"(,"code":)");
    appendNumber(out, static_cast<std::uint32_t>(error.code));
    out.append(R"(,"reason":)");
    json::writeString(error.reason, out);
    out.append(error.retry ? R"(,"retry":true)" : R"(,"retry":false)");
    if (error.retryAfterMs != 0) {
        out.append(R"(,"retryAfterMs":)");
        appendNumber(out, error.retryAfterMs);
    }
    if (!error.detail.empty()) out.append(R"(,"detail":)").append(error.detail);
    out.append("}");
}

}  // namespace syncline::wire
