// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace syncline::sqlite {

/// Why something did not happen: which file, what, and what to do about it.
struct Failure {
    std::string reason;
    bool retry = false;  ///< the same request may succeed later
    int code = 0;        ///< SQLite's extended result code; 0: not from SQLite
};

template <class T>
using Result = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(Failure failure) {
    return tl::unexpected<Failure>(std::move(failure));
}

inline tl::unexpected<Failure> fail(std::string reason) {
    return tl::unexpected<Failure>(Failure{std::move(reason)});
}

}  // namespace syncline::sqlite
