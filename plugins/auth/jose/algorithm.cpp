// SPDX-License-Identifier: Apache-2.0
#include "algorithm.h"

namespace syncline::jose {

std::string_view toText(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::hs256:
            return "HS256";
        case Algorithm::rs256:
            return "RS256";
        case Algorithm::es256:
            return "ES256";
        case Algorithm::es384:
            return "ES384";
        case Algorithm::es512:
            return "ES512";
        case Algorithm::eddsa:
            return "EdDSA";
    }
    return {};
}

std::optional<Algorithm> algorithmOf(std::string_view name) {
    for (const Algorithm algorithm : kAlgorithms) {
        if (toText(algorithm) == name) return algorithm;
    }
    return std::nullopt;
}

}  // namespace syncline::jose
