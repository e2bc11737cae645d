// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <utility>

namespace syncline::core {

bool isRetryable(Code code) {
    switch (code) {
        case Code::internal:
        case Code::timedOut:
        case Code::storageUnavailable:
        case Code::pluginFailed:
        case Code::gap:
        case Code::rateLimited:
        case Code::memoryExhausted:
        case Code::busy:
        case Code::draining:
            return true;
        default:
            return false;
    }
}

Error Error::of(Code code, std::string reason) {
    return Error{code, std::move(reason), isRetryable(code), 0, {}};
}

}  // namespace syncline::core
