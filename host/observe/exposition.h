// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observe/distribution.h"

namespace syncline::observe {

/// Figures on their way into the text that Prometheus scrapes: gathered, added up and written once.
/// What is added under the same name and labels, as by several shards, becomes one series. A metric
/// has at most `seriesMax` series: what comes beyond is added to a last one whose labels all say
/// `other`, so that no name that somebody invents can grow the page without end. [one thread]
class Exposition {
public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    explicit Exposition(std::size_t seriesMax) : seriesMax_(seriesMax) {}

    /// A number that only grows. Names of metrics and labels are [a-z0-9_]; those of counters end
    /// with `_total`.
    void counter(std::string_view name, std::string_view help, double value,
                 const Labels& labels = {});
    /// A number that goes up and down.
    void gauge(std::string_view name, std::string_view help, double value,
               const Labels& labels = {});
    /// `perUnit`: how many of what the reading counts make one of the metric's unit; 1e9 for
    /// nanoseconds that are shown as seconds.
    void histogram(std::string_view name, std::string_view help,
                   const Distribution::Reading& reading, double perUnit, const Labels& labels = {});

    /// How many additions went to `other`.
    std::size_t folded() const { return folded_; }

    /// All of it, metric by metric in the order of their names.
    std::string text() const;

private:
    enum class Kind { counter, gauge, histogram };

    struct Series {
        double value = 0;
        std::vector<double> ends;
        std::vector<std::uint64_t> counts;
        double sum = 0;
    };

    struct Family {
        std::string help;
        Kind kind = Kind::counter;
        std::map<Labels, Series> series;
    };

    Series& seriesOf(std::string_view name, std::string_view help, Kind kind, const Labels& labels);

    const std::size_t seriesMax_;
    std::size_t folded_ = 0;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace syncline::observe
