// SPDX-License-Identifier: Apache-2.0
#include <merging/extreme.h>

SYNCLINE_PLUGIN("dev.syncline.max", "1.0.0",
                syncline::conflictStrategy<syncline::merging::Extreme<true>>("max")
                    .asksAlways()
                    .describes("The larger value stands, whoever came first."))
