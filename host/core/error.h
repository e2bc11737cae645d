// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::core {

/// The numbers of protocol errors. The family is the hundreds; `docs/protocol.md` has a row for
/// each. A number is never reused.
enum class Code : std::uint16_t {
    internal = 1001,
    timedOut = 1002,
    storageUnavailable = 1003,
    pluginFailed = 1004,
    notJson = 1101,
    badField = 1102,
    unknownType = 1103,
    badName = 1104,
    noSuchChannel = 1201,
    notSubscribed = 1202,
    tooLarge = 1203,
    noRecord = 1204,
    notANumber = 1205,
    numberOutOfRange = 1206,
    gap = 1207,
    numberReused = 1208,
    wrongEpochOrBase = 1209,
    dependency = 1211,
    refusedByRule = 1212,
    clientUnknown = 1213,
    tokenInvalid = 1301,
    tokenExpired = 1302,
    forbidden = 1303,
    anotherUser = 1304,
    rateLimited = 1401,
    tooManySubscriptions = 1402,
    memoryExhausted = 1403,
    busy = 1404,
    notOnThisTransport = 1501,
    draining = 1502,
    notConfigured = 1503,
};

/// Whether sending the same message again later may succeed, as the error table says.
bool isRetryable(Code code);

/// Why something that traffic, a disk or a plugin asked for did not happen.
struct Error {
    Code code = Code::internal;
    std::string reason;              ///< one sentence for a developer; no secrets
    bool retry = false;              ///< the same message may succeed later
    std::uint32_t retryAfterMs = 0;  ///< 0: no advice
    std::string detail;              ///< a JSON object as text, or empty

    /// An error with the retry advice that the table gives its code.
    static Error of(Code code, std::string reason);
};

}  // namespace syncline::core
