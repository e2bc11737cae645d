// SPDX-License-Identifier: Apache-2.0
#include "simulation/link.h"

namespace syncline::simulation {

namespace {

// The text of the first WebSocket frame, and what is behind it.
std::string_view takeFrame(std::string_view& frames) {
    std::size_t head = 2;
    std::uint64_t size = static_cast<unsigned char>(frames[1]);
    const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (extra != 0) {
        size = 0;
        for (std::size_t i = 0; i < extra; ++i)
            size = size << 8 | static_cast<unsigned char>(frames[2 + i]);
        head += extra;
    }
    const std::string_view text = frames.substr(head, size);
    frames.remove_prefix(head + size);
    return text;
}

}  // namespace

bool Link::send(std::string_view message) {
    if (outboxBytes_ + message.size() > outboxBytesMax_) return false;
    outboxBytes_ += message.size();
    onDown_(*this, message);
    return true;
}

bool Link::sendFrames(const core::SharedBytes& frames) {
    // As in the server, what is for all leaves room for an answer.
    if (outboxBytes_ + frames->size() > outboxBytesMax_ - outboxBytesMax_ / 8) return false;
    for (std::string_view rest = *frames; !rest.empty();) {
        const std::string_view text = takeFrame(rest);
        outboxBytes_ += text.size();
        onDown_(*this, text);
    }
    return true;
}

void Link::close(session::CloseCode code, std::string_view) {
    ending = true;
    down.push_back({json::Value(), 0, static_cast<int>(code)});
    onChange_(*this);
}

bool Link::taken() {
    outboxBytes_ -= down.front().bytes;
    down.pop_front();
    return outboxBytes_ < outboxBytesMax_ / 4;
}

}  // namespace syncline::simulation
