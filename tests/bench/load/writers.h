// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "load/audience.h"
#include "load/figures.h"
#include "load/scenarios.h"

namespace syncline::bench {

/// Who writes, one field of one record at a time. With fewer channels than writers each has one,
/// and the two of a channel change different fields, as forms of a dashboard do: nothing conflicts,
/// and each op is tested for it. With more, every writer goes round channels of its own.
class Writers {
public:
    /// All but the options is borrowed.
    Writers(Loop& loop, Audience& audience, const Dialect& dialect, const Options& options,
            Figures& figures);

    std::string channelOf(std::size_t number) const;
    std::size_t count() const { return writers_.size(); }
    std::size_t waiting() const { return waiting_; }
    std::uint64_t written() const { return written_; }

    /// Queues an op that is due at `dueNs`, from which its latency counts.
    void write(std::size_t number, std::uint64_t dueNs);

    /// Lets what a writer has queued leave, outside of onAck.
    void flush(std::size_t number) { loop_.flush(*writers_[number].client); }

    /// Called with the number of the writer whose op was acknowledged.
    std::function<void(std::size_t)> onAck;

private:
    /// One row of numbers: ops of one writer in one channel.
    struct Row {
        std::uint64_t n = 0;
        std::uint64_t seenSeq = 0;
    };
    struct Writer {
        Client* client = nullptr;
        std::vector<Row> rows;
        std::uint64_t ops = 0;
        std::deque<std::uint64_t> sent;  ///< when each op was due that has no answer
    };

    void take(Client& from, std::string_view reply);

    Loop& loop_;
    const Dialect& dialect_;
    const Options options_;
    Figures& figures_;
    std::vector<Writer> writers_;
    std::size_t waiting_ = 0;
    std::uint64_t written_ = 0;
    std::string message_;
};

}  // namespace syncline::bench
