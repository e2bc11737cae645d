// SPDX-License-Identifier: Apache-2.0
#include "bridge/plugin_error.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "json/utf8.h"
#include "json/write.h"

namespace syncline::bridge {

namespace {

/// Families 10xx to 15xx.
bool isProtocolCode(std::uint32_t code) {
    return code > 1000 && code < 1600;
}

/// Up to the capacity; a text cut there may end inside of a character, which goes too.
std::string textOf(const char* bytes, std::size_t capacity) {
    std::string text(bytes, strnlen(bytes, capacity));
    const std::size_t valid = json::invalidUtf8At(text);
    if (valid == text.size()) return text;
    constexpr std::size_t kSequenceMax = 4;
    if (text.size() - valid >= kSequenceMax) return "the plugin's reason is not UTF-8";
    text.resize(valid);
    return text;
}

/// What the sender of a message is told about the place of the mistake.
std::string detailOf(const std::string& pointer) {
    if (pointer.empty()) return {};
    std::string detail = R"({"pointer":)";
    json::writeString(pointer, detail);
    return detail + "}";
}

}  // namespace

syncline_error emptyError() noexcept {
    syncline_error error;
    error.size = sizeof error;
    error.code = 0;
    error.retry = 0;
    error.retry_after_ms = 0;
    error.pointer[0] = '\0';
    error.reason[0] = '\0';
    return error;
}

std::string reasonOf(const syncline_error& error) {
    std::string reason = textOf(error.reason, sizeof error.reason);
    return reason.empty() ? "the plugin gave no reason" : reason;
}

std::string pointerOf(const syncline_error& error) {
    return textOf(error.pointer, sizeof error.pointer);
}

core::Error toError(const syncline_error& error, core::Code fallback) {
    if (!isProtocolCode(error.code)) {
        core::Error result = core::Error::of(fallback, reasonOf(error));
        result.retryAfterMs = error.retry_after_ms;
        return result;
    }
    const auto code = static_cast<core::Code>(error.code);
    // A plugin that says busy and not that it may be tried again would settle an op for ever.
    const bool retry = error.retry != 0 || core::isRetryable(code);
    return {code, reasonOf(error), retry, error.retry_after_ms, detailOf(pointerOf(error))};
}

void fillError(syncline_error* to, const core::Error& error) noexcept {
    if (to == nullptr || to->size < sizeof(syncline_error)) return;
    to->code = static_cast<std::uint32_t>(error.code);
    to->retry = error.retry ? 1 : 0;
    to->retry_after_ms = error.retryAfterMs;
    to->pointer[0] = '\0';
    const std::size_t size = std::min(error.reason.size(), sizeof to->reason - 1);
    std::memcpy(to->reason, error.reason.data(), size);
    to->reason[size] = '\0';
}

}  // namespace syncline::bridge
