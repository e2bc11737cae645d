// SPDX-License-Identifier: Apache-2.0
#include "simulation/ledger.h"

#include <algorithm>
#include <utility>

namespace syncline::simulation {

Deed& Ledger::add(std::size_t client, std::string channel, json::Value changes) {
    Deed& deed = deeds_.emplace_back();
    deed.id = deeds_.size();
    deed.client = client;
    deed.channel = std::move(channel);
    deed.changes = std::move(changes);
    ++counts_[client][static_cast<std::size_t>(Phase::queued)];
    return deed;
}

void Ledger::bind(const std::string& channel, channel::StreamId stream, std::uint64_t n,
                  std::uint64_t deed, std::uint64_t after) {
    of(deed).after = after;
    std::vector<std::uint64_t>& bound = sent_[{channel, stream.high, stream.low, n}];
    if (std::ranges::find(bound, deed) == bound.end()) bound.push_back(deed);
}

std::vector<Deed*> Ledger::under(const std::string& channel, channel::StreamId stream,
                                 std::uint64_t n) {
    std::vector<Deed*> found;
    const auto at = sent_.find({channel, stream.high, stream.low, n});
    if (at == sent_.end()) return found;
    for (const std::uint64_t id : at->second) found.push_back(&of(id));
    return found;
}

void Ledger::move(Deed& deed, Phase phase) {
    --counts_[deed.client][static_cast<std::size_t>(deed.phase)];
    deed.phase = phase;
    ++counts_[deed.client][static_cast<std::size_t>(phase)];
}

}  // namespace syncline::simulation
