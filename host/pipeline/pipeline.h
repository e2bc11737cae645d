// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/stage.h"

namespace syncline::pipeline {

/// A stage's place in a pipeline.
struct Step {
    Stage* stage = nullptr;  ///< borrowed from the generation
    std::string use;         ///< as the configuration calls it
    std::uint32_t timeoutMs = 0;
    std::uint32_t meter = 0;  ///< its place in the figures of every shard's runner
};

/// The ordered stages that one message type runs through; the type's handler comes last. The flags
/// come from the handler's manifest. Immutable.
struct Pipeline {
    std::string type;
    std::vector<Step> steps;
    bool opensSession = false;       ///< runs before there is a session; everything behind it waits
    bool carriesOps = false;         ///< a final refusal consumes the op's number
    bool carriesBatches = false;     ///< several ops, under `ops`: those of a batch
    bool resolvesConflicts = false;  ///< its ops are resolutions, not changes of any kind
    bool subscribes = false;         ///< resumed channels run through it
    bool readsSnapshot = false;
    bool readsHistory = false;
    bool isAdmission = false;  ///< the stages of a type alone, for an op that comes another way
    std::uint32_t number = 0;  ///< dense within its table, which gives it
};

/// All pipelines of a generation by message type. Immutable.
class PipelineTable {
public:
    /// Null: no such type.
    const Pipeline* find(std::string_view type) const;

    /// The stages of a type that carries ops, without its handler; null: no such type.
    const Pipeline* admission(std::string_view type) const;

    /// The one whose handler says that it subscribes; null: none.
    const Pipeline* subscribing() const { return subscribing_; }

    /// The same for one op, for reading records and for reading the log.
    const Pipeline* carryingOps() const { return carryingOps_; }
    const Pipeline* readingSnapshot() const { return readingSnapshot_; }
    const Pipeline* readingHistory() const { return readingHistory_; }

    const std::map<std::string, Pipeline, std::less<>>& all() const { return pipelines_; }

    /// Those that no client's message picks: of events, by name without `event.`.
    const Pipeline* findEvent(std::string_view name) const;
    const std::map<std::string, Pipeline, std::less<>>& events() const { return events_; }

    /// All of both: what every Pipeline::number is below.
    std::size_t count() const { return pipelines_.size() + events_.size(); }

    void add(Pipeline pipeline);
    void addEvent(std::string name, Pipeline pipeline);

    /// Names of the metered stages, by Step::meter.
    std::vector<std::string> meters;

private:
    std::map<std::string, Pipeline, std::less<>> pipelines_;
    std::map<std::string, Pipeline, std::less<>> admissions_;
    std::map<std::string, Pipeline, std::less<>> events_;
    const Pipeline* subscribing_ = nullptr;
    const Pipeline* carryingOps_ = nullptr;
    const Pipeline* readingSnapshot_ = nullptr;
    const Pipeline* readingHistory_ = nullptr;
};

}  // namespace syncline::pipeline
