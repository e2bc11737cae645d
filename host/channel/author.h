// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace syncline::channel {

/// Who sends an op. The stream of their numbers is (user, client, channel).
struct Author {
    std::string user;
    std::string client;  ///< random, secret to its owner; only its hash is ever stored or shown
    std::string origin;  ///< the client's public tag
};

}  // namespace syncline::channel
