// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::vectors {

/// The longest request that is looked at.
inline constexpr std::size_t kRequestBytesMax = 64 * 1024 * 1024;

/// What the server's own code makes of one request, a JSON text:
///
///     {"op":"parse","data_b64":TEXT}              the value
///     {"op":"pointer","doc":ANY,"pointer":TEXT}   what lies there
///     {"op":"patch","doc":ANY,"patch":[…]}        the document behind the patch
///     {"op":"merge","doc":ANY,"patch":ANY}        the document behind the merge
///     {"op":"jws","jwk":{…},"jws":"a.b.c"}        what the key has signed
///
/// Answers {"ok":true,"result":…} or {"ok":false,"error":"…"}, whatever it is given.
std::string answer(std::string_view request);

}  // namespace syncline::vectors
