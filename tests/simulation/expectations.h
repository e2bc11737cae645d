// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "channel/entry.h"
#include "json/value.h"
#include "simulation/ledger.h"

namespace syncline::simulation {

/// What the sync model says that an op must come to, worked out from the history alone and in
/// another way than the server does: every mark that was ever set is kept and looked at. Nothing is
/// forgotten here, so where the server has forgotten it may see a conflict that is none, but never
/// miss one.
class Expectations {
public:
    /// Why the entry cannot be what came of the op; empty: it can. `exact`: the server has
    /// forgotten nothing. Asked before note().
    std::string judge(const Deed& deed, const channel::Entry& entry, bool exact) const;

    /// The entry stands in the history.
    void note(const channel::Entry& entry);

private:
    struct Mark {
        std::string path;
        bool counts = false;  ///< of the class of increments
        std::uint64_t seq = 0;
        std::pair<std::uint64_t, std::uint64_t> stream;
    };
    struct Touch {
        std::string path;
        bool counts = false;
    };

    std::string judgeResolution(const std::string& key, const json::Value& change,
                                const channel::Entry& entry, bool exact) const;
    static std::optional<std::vector<Touch>> touchedBy(const json::Value& change);
    /// From where on marks must count. A set creates, whatever was there: once the log has passed a
    /// delete, nobody knows any more that a record of that name was deleted, and a set that made a
    /// new one would be refused. The same holds for an op of somebody who knew of nothing (base 0):
    /// there was nothing, as it knew.
    std::uint64_t surelyKnownFrom(const std::string& key, std::string_view kind,
                                  std::uint64_t base) const;
    bool meets(const std::string& key, const Touch& touch, std::uint64_t base,
               const channel::StreamId& stream) const;

    std::map<std::string, std::vector<Mark>> marks_;  ///< by key
    std::map<std::string, std::uint64_t> deleted_;    ///< keys: where they were, at last
    std::map<std::string, bool> unclear_;             ///< keys with ops that this cannot follow
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::map<std::uint64_t, bool>> tookEffect_;
};

}  // namespace syncline::simulation
