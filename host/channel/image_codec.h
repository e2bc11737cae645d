// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "channel/committed_state.h"
#include "channel/record.h"
#include "channel/stream.h"
#include "core/result.h"

namespace syncline::channel {

// What checkpoints hold: images of records, streams and the head, each with a version byte in
// front. Decoding checks every length; errors are storageUnavailable.

std::string encodeRecord(const Record& record);
core::Result<Record> decodeRecord(std::string_view image);

std::string encodeStream(const Stream& stream);
core::Result<Stream> decodeStream(std::string_view image);

/// Sum, floor and history of a channel. Epoch, index and seq stand beside it in the checkpoint.
std::string encodeHead(const CommittedState& state);
core::Result<void> decodeHead(std::string_view image, CommittedState& state);

}  // namespace syncline::channel
