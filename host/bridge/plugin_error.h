// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <string>
#include <string_view>

#include "core/error.h"
#include "json/value.h"

namespace syncline::bridge {

// Between the words of the C contract and those of the host.

inline syncline_text toText(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

/// Null data counts as an empty text, whatever the size says.
inline std::string_view toView(syncline_text text) noexcept {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

/// A plugin's `syncline_value` is a value of the host, under another name.
inline const json::Value* toValue(const syncline_value* value) noexcept {
    return reinterpret_cast<const json::Value*>(value);
}
inline const syncline_value* toHandle(const json::Value* value) noexcept {
    return reinterpret_cast<const syncline_value*>(value);
}

/// One for a plugin to fill. The texts are empty; what is behind their ends is not cleared, because
/// one is made for every call.
syncline_error emptyError() noexcept;

/// What the plugin filled. Code 0, and one that is none of the protocol's, become `fallback` with
/// the retry advice of the table. A code that the table calls worth another try is so whatever the
/// plugin says. A reason that is not UTF-8 is replaced: it goes to clients. A pointer becomes the
/// detail.
core::Error toError(const syncline_error& error, core::Code fallback = core::Code::pluginFailed);

/// The texts of a plugin's error, which need not be terminated.
std::string reasonOf(const syncline_error& error);
std::string pointerOf(const syncline_error& error);

/// Tells a plugin why a function of the host failed. `to` may be null.
void fillError(syncline_error* to, const core::Error& error) noexcept;

}  // namespace syncline::bridge
