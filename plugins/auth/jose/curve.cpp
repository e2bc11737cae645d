// SPDX-License-Identifier: Apache-2.0
#include "curve.h"

#include <algorithm>
#include <array>

namespace syncline::jose {

namespace {

constexpr std::array<Curve, 3> kCurves = {{
    {Algorithm::es256, "P-256", 32, EVP_sha256},
    {Algorithm::es384, "P-384", 48, EVP_sha384},
    {Algorithm::es512, "P-521", 66, EVP_sha512},  // 521 bits, not 512
}};

}  // namespace

const Curve* curveNamed(std::optional<std::string_view> name) {
    const auto* found =
        std::ranges::find_if(kCurves, [&](const Curve& curve) { return name == curve.name; });
    return found == kCurves.end() ? nullptr : found;
}

const Curve* curveOf(Algorithm algorithm) {
    const auto* found = std::ranges::find(kCurves, algorithm, &Curve::algorithm);
    return found == kCurves.end() ? nullptr : found;
}

}  // namespace syncline::jose
