// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace syncline {

/// Thrown to refuse a message, an op or credentials: `code` and `reason` go to the sender.
/// A reason is one sentence for a developer, without secrets.
class Refusal : public std::runtime_error {
public:
    Refusal(std::uint32_t code, const std::string& reason)
        : std::runtime_error(reason), code_(code) {}

    /// The same request may succeed later, after so many milliseconds (0: no advice).
    Refusal& retryAfter(std::uint32_t retryAfterMs) {
        retry_ = true;
        retryAfterMs_ = retryAfterMs;
        return *this;
    }

    std::uint32_t code() const noexcept { return code_; }
    bool retry() const noexcept { return retry_; }
    std::uint32_t retryAfterMs() const noexcept { return retryAfterMs_; }

private:
    std::uint32_t code_;
    bool retry_ = false;
    std::uint32_t retryAfterMs_ = 0;
};

/// Thrown from configure() for what the schema cannot say. `pointer` is the JSON pointer of the
/// offending value ("/rules/0"): the host turns it into file, line and column.
class ConfigError : public std::runtime_error {
public:
    ConfigError(std::string pointer, const std::string& reason)
        : std::runtime_error(reason), pointer_(std::move(pointer)) {}

    const std::string& pointer() const noexcept { return pointer_; }

private:
    std::string pointer_;
};

namespace detail {

/// Cuts at the capacity, never inside a UTF-8 sequence.
inline void copyText(std::string_view text, char* to, std::size_t capacity) noexcept {
    std::size_t size = text.size() < capacity ? text.size() : capacity - 1;
    while (size < text.size() && size > 0 &&
           (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    if (size > 0) std::memcpy(to, text.data(), size);
    to[size] = '\0';
}

inline void fillError(syncline_error* error, std::uint32_t code, std::string_view reason,
                      std::string_view pointer = {}) noexcept {
    if (error == nullptr) return;
    error->code = code;
    error->retry = 0;
    error->retry_after_ms = 0;
    copyText(pointer, error->pointer, sizeof error->pointer);
    copyText(reason, error->reason, sizeof error->reason);
}

inline void fillError(syncline_error* error, const Refusal& refusal) noexcept {
    if (error == nullptr) return;
    fillError(error, refusal.code(), refusal.what());
    error->retry = refusal.retry() ? 1 : 0;
    error->retry_after_ms = refusal.retryAfterMs();
}

/// The error that a function of the host filled, as something to throw.
inline Refusal toRefusal(const syncline_error& error) {
    Refusal refusal(error.code, error.reason);
    if (error.retry != 0) refusal.retryAfter(error.retry_after_ms);
    return refusal;
}

inline syncline_error emptyError() noexcept {
    syncline_error error;
    std::memset(&error, 0, sizeof error);
    error.size = sizeof error;
    return error;
}

/// Inside a catch block: what was thrown, as status text.
inline void describeException(syncline_error* error) noexcept {
    try {
        throw;
    } catch (const Refusal& refusal) {
        fillError(error, refusal);
    } catch (const ConfigError& mistake) {
        fillError(error, 0, mistake.what(), mistake.pointer());
    } catch (const std::exception& exception) {
        fillError(error, 0, exception.what());
    } catch (...) {
        fillError(error, 0, "something that is no std::exception was thrown");
    }
}

/// Runs what an author wrote; nothing that it throws crosses the boundary.
template <class Function>
syncline_status guarded(syncline_error* error, Function&& function) noexcept {
    try {
        std::forward<Function>(function)();
        return SYNCLINE_OK;
    } catch (...) {
        describeException(error);
        return SYNCLINE_FAILED;
    }
}

}  // namespace detail
}  // namespace syncline
