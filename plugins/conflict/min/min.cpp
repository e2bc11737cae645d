// SPDX-License-Identifier: Apache-2.0
#include <merging/extreme.h>

SYNCLINE_PLUGIN("dev.syncline.min", "1.0.0",
                syncline::conflictStrategy<syncline::merging::Extreme<false>>("min")
                    .asksAlways()
                    .describes("The smaller value stands, whoever came first."))
