// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pipeline.h"

#include <utility>

namespace syncline::pipeline {

const Pipeline* PipelineTable::find(std::string_view type) const {
    const auto found = pipelines_.find(type);
    return found == pipelines_.end() ? nullptr : &found->second;
}

const Pipeline* PipelineTable::admission(std::string_view type) const {
    const auto found = admissions_.find(type);
    return found == admissions_.end() ? nullptr : &found->second;
}

const Pipeline* PipelineTable::findEvent(std::string_view name) const {
    const auto found = events_.find(name);
    return found == events_.end() ? nullptr : &found->second;
}

void PipelineTable::addEvent(std::string name, Pipeline pipeline) {
    pipeline.number = static_cast<std::uint32_t>(count());
    events_.emplace(std::move(name), std::move(pipeline));
}

void PipelineTable::add(Pipeline pipeline) {
    std::string type = pipeline.type;
    const Pipeline* replaced = find(type);
    pipeline.number = replaced != nullptr ? replaced->number : static_cast<std::uint32_t>(count());
    const bool carriesChanges =
        pipeline.carriesOps && !pipeline.carriesBatches && !pipeline.resolvesConflicts;
    if (carriesChanges) {
        Pipeline admission = pipeline;
        admission.steps.pop_back();
        admission.carriesOps = false;
        admission.isAdmission = true;
        admissions_.insert_or_assign(type, std::move(admission));
    }
    const Pipeline& placed =
        pipelines_.insert_or_assign(std::move(type), std::move(pipeline)).first->second;
    if (placed.subscribes) subscribing_ = &placed;
    if (carriesChanges) carryingOps_ = &placed;
    if (placed.readsSnapshot) readingSnapshot_ = &placed;
    if (placed.readsHistory) readingHistory_ = &placed;
}

}  // namespace syncline::pipeline
