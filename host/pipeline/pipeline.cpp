// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pipeline.h"

#include <utility>

namespace syncline::pipeline {

const Pipeline* PipelineTable::find(std::string_view type) const {
    const auto found = pipelines_.find(type);
    return found == pipelines_.end() ? nullptr : &found->second;
}

void PipelineTable::add(Pipeline pipeline) {
    std::string type = pipeline.type;
    const Pipeline& placed =
        pipelines_.insert_or_assign(std::move(type), std::move(pipeline)).first->second;
    if (placed.subscribes) subscribing_ = &placed;
    if (placed.carriesOps) carryingOps_ = &placed;
    if (placed.readsSnapshot) readingSnapshot_ = &placed;
    if (placed.readsHistory) readingHistory_ = &placed;
}

}  // namespace syncline::pipeline
