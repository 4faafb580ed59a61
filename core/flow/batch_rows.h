#pragma once

#include "core/base/parallel.h"
#include "core/flow/batch_file.h"
#include "core/flow/certificate_wanted.h"

/// The rows of a batch, judged as `cert issue` judges what it is told, on as many threads as there are.
namespace consortium::flow {

/// A row that may be certified.
struct Candidate {
    model::Profile profile;
    base::JsonValue detail;  // of the step that would issue it alone (issue_step)
    std::string stem;        // what its files are called
    std::string key_type;    // of the key to be made; empty: its key came with a request
};

/// What all rows have in common.
struct BatchTask {
    BatchFile const& file;
    base::JsonValue defaults;  // arguments of `cert issue` for what a row leaves out
    Authority const& issuer;
    base::Instant now;
    std::vector<Authority> rivals =
        {};  // among these a row's issuer must be chosen; empty: it is fit, that will do
};

/// Judges rows for one thread, by a store and a certifier of its own.
class RowJudge {
public:
    RowJudge(BatchTask const& task, Services& services, Identity const& self);
    /// Throws an Error that names file, line and, where there is one, column.
    Candidate judge(std::size_t number) const;
    port::Certifier& certifier() const { return *m_certifier; }

private:
    model::Verdict verdict(BatchRow const& row, Candidate& candidate) const;

    BatchTask const& m_task;
    std::unique_ptr<port::Store> m_store;
    std::unique_ptr<port::Certifier> m_certifier;
    State m_state;
};

/// The digest of the keys that came with requests, in the order of their rows.
class RequestDigest {
public:
    void add(Candidate const& candidate);
    /// Of what was added since the last time; empty for none.
    std::string finish();

private:
    base::Sha256 m_hash;
    bool m_any = false;
};

/// As many as the processors; 1, which is the caller's own, for a store that only one thread can use.
unsigned batch_threads(Services const& services);

/// Makes a worker on each thread, hands it the numbers from `begin` to `end`, and takes what it returns in
/// their order on the calling thread. With one thread everything happens on the calling one.
template <class Result>
void in_order(std::size_t begin, std::size_t end, unsigned threads,
              std::function<std::function<Result(std::size_t)>()> const& make_worker,
              std::function<void(std::size_t, Result&&)> const& take) {
    if (begin >= end) return;
    if (threads == 1) {
        auto const worker = make_worker();
        for (auto i = begin; i < end; ++i) take(i, worker(i));
        return;
    }
    // By the slice: to wait for each other would cost more than a row.
    constexpr std::size_t slice = 20;
    // Who prepares far ahead takes the processors from what everything waits for.
    constexpr std::size_t ahead = 60;
    using Slice = std::vector<Result>;
    auto const make = [&]() -> typename base::InOrder<Slice>::Worker {
        return [&, worker = make_worker()](std::uint64_t job) {
            Slice out;
            for (auto i = begin + job * slice; i < std::min(end, begin + (job + 1) * slice); ++i)
                out.push_back(worker(i));
            return out;
        };
    };
    base::InOrder<Slice>((end - begin + slice - 1) / slice, threads, make, ahead)
        .take([&](std::uint64_t job, Slice&& results) {
            auto i = begin + job * slice;
            for (auto& result : results) take(i++, std::move(result));
        });
}

}  // namespace consortium::flow
