// SPDX-License-Identifier: Apache-2.0
#include "observe/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

namespace syncline::observe {

namespace {

constexpr const char* kOther = "other";

Exposition::Labels asOther(Exposition::Labels labels) {
    for (auto& label : labels) label.second = kOther;
    return labels;
}

/// The serializer escapes labels, but not this; plugins write some of them.
std::string oneLine(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '\\') c = ' ';
    }
    return text;
}

std::vector<prometheus::ClientMetric::Label> labelsOf(const Exposition::Labels& labels) {
    std::vector<prometheus::ClientMetric::Label> all;
    for (const auto& [name, value] : labels) all.push_back({name, value});
    return all;
}

prometheus::ClientMetric::Histogram histogramOf(const std::vector<double>& ends,
                                                const std::vector<std::uint64_t>& counts,
                                                double sum) {
    prometheus::ClientMetric::Histogram histogram;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        histogram.sample_count += counts[i];
        const double end = i < ends.size() ? ends[i] : std::numeric_limits<double>::infinity();
        histogram.bucket.push_back({histogram.sample_count, end});
    }
    histogram.sample_sum = sum;
    return histogram;
}

}  // namespace

Exposition::Series& Exposition::seriesOf(std::string_view name, std::string_view help, Kind kind,
                                         const Labels& labels) {
    const auto found = families_.find(name);
    Family& family =
        found != families_.end()
            ? found->second
            : families_.emplace(name, Family{std::string(help), kind, {}}).first->second;
    if (const auto known = family.series.find(labels); known != family.series.end()) {
        return known->second;
    }
    if (family.series.size() + 1 < seriesMax_ || labels.empty()) return family.series[labels];
    ++folded_;
    return family.series[asOther(labels)];
}

void Exposition::counter(std::string_view name, std::string_view help, double value,
                         const Labels& labels) {
    seriesOf(name, help, Kind::counter, labels).value += value;
}

void Exposition::gauge(std::string_view name, std::string_view help, double value,
                       const Labels& labels) {
    seriesOf(name, help, Kind::gauge, labels).value += value;
}

void Exposition::histogram(std::string_view name, std::string_view help,
                           const Distribution::Reading& reading, double perUnit,
                           const Labels& labels) {
    Series& series = seriesOf(name, help, Kind::histogram, labels);
    series.counts.resize(reading.counts.size());
    for (std::size_t i = 0; i < reading.counts.size(); ++i) series.counts[i] += reading.counts[i];
    series.ends.clear();
    for (const std::uint64_t end : reading.ends) {
        series.ends.push_back(static_cast<double>(end) / perUnit);
    }
    series.sum += static_cast<double>(reading.sum) / perUnit;
}

std::string Exposition::text() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& [name, family] : families_) {
        prometheus::MetricFamily& shown = families.emplace_back();
        shown.name = name;
        shown.help = oneLine(family.help);
        shown.type = family.kind == Kind::counter ? prometheus::MetricType::Counter
                     : family.kind == Kind::gauge ? prometheus::MetricType::Gauge
                                                  : prometheus::MetricType::Histogram;
        for (const auto& [labels, series] : family.series) {
            prometheus::ClientMetric& metric = shown.metric.emplace_back();
            metric.label = labelsOf(labels);
            metric.counter.value = series.value;
            metric.gauge.value = series.value;
            metric.histogram = histogramOf(series.ends, series.counts, series.sum);
        }
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return std::move(out).str();
}

}  // namespace syncline::observe
