// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "key.h"

namespace syncline::jose {

/// Keys of which a token's header names one. Immutable once made.
class KeySet {
public:
    static constexpr std::size_t kBytesMax = 1 << 20;
    static constexpr std::size_t kKeysMax = 1'000;

    /// From a JWK set, {"keys":[…]}. Keys for another purpose or of another kind are left out, as
    /// RFC 7517 section 5 wants it; `leftOut` takes a sentence for each. Errors: no set, two keys
    /// of one id and algorithm, none that can be used.
    static tl::expected<KeySet, std::string> parse(std::string_view text,
                                                   std::vector<std::string>& leftOut);

    /// False: there is one of that id and algorithm, or there are as many as there may be.
    bool add(Key key);

    /// The key with that algorithm and id. A header without an id (RFC 7515 section 4.1.4) means
    /// the only key of its algorithm. The error is in words for a log.
    tl::expected<const Key*, std::string> find(Algorithm algorithm,
                                               std::optional<std::string_view> id) const;

    const std::vector<Key>& keys() const { return keys_; }

private:
    std::vector<Key> keys_;
};

}  // namespace syncline::jose
