// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/error.h"

namespace syncline::core {

/// A value, or why there is none. For all that traffic, disk or plugins can cause.
template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(Code::badField, "…");` from any function that returns a Result.
inline tl::unexpected<Error> fail(Code code, std::string reason) {
    return tl::unexpected<Error>(Error::of(code, std::move(reason)));
}

inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace syncline::core
