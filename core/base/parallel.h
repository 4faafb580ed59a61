#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace consortium::base {

/// How many threads this process may run at once: what its CPU affinity allows.
inline unsigned processors() {
    return std::max(1u, std::thread::hardware_concurrency());
}

/// Does jobs 0 to count - 1 on some threads and takes their results in order, on the calling thread. Where a
/// job or `take` throws, nothing more is begun or taken, and the exception of the first job in order leaves
/// here after the threads have ended.
template <class Result>
class InOrder {
public:
    using Worker = std::function<Result(std::uint64_t job)>;

    /// `make_worker` is called once on each thread, so that a worker may own what is not to be shared.
    /// Workers that are `window` jobs ahead of what was taken wait, so that results do not pile up.
    InOrder(std::uint64_t count, unsigned threads, std::function<Worker()> make_worker,
            std::uint64_t window = 256)
        : m_count(count), m_window(window), m_make_worker(std::move(make_worker)) {
        auto const wanted = std::min<std::uint64_t>(std::max(1u, threads), count);
        try {
            for (std::uint64_t i = 0; i < wanted; ++i) m_threads.emplace_back([this] { run(); });
        } catch (std::system_error const&) {
            if (m_threads.empty()) throw;  // else those that there are do it all
        }
    }
    ~InOrder() { stop(); }
    InOrder(InOrder const&) = delete;
    InOrder& operator=(InOrder const&) = delete;

    void take(std::function<void(std::uint64_t job, Result&& result)> const& each) {
        for (std::uint64_t job = 0; job < m_count; ++job) {
            auto done = wait_for(job);
            if (done.error) {
                stop();
                std::rethrow_exception(done.error);
            }
            each(job, *std::move(done.result));
            spend(std::move(done));
        }
    }

private:
    struct Done {
        std::optional<Result> result;
        std::exception_ptr error;
    };
    void run() {
        Worker worker;
        for (;;) {
            std::uint64_t job = 0;
            std::vector<Done> spent;
            {
                std::unique_lock lock(m_mutex);
                m_changed.wait(lock, [this] { return m_stopped || m_next < m_taken + m_window; });
                if (m_stopped || m_next == m_count) return;
                job = m_next++;
                spent.swap(m_spent);
            }
            spent.clear();
            Done done;
            try {
                if (!worker) worker = m_make_worker();
                done.result = worker(job);
            } catch (...) {
                done.error = std::current_exception();
            }
            std::lock_guard const lock(m_mutex);
            m_done.emplace(job, std::move(done));
            m_changed.notify_all();
        }
    }

    // To free what a thread has made of many small parts is work as well: the threads do it.
    void spend(Done done) {
        std::lock_guard const lock(m_mutex);
        m_spent.push_back(std::move(done));
    }

    Done wait_for(std::uint64_t job) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_done.contains(job); });
        auto done = std::move(m_done.extract(job).mapped());
        m_taken = job + 1;
        m_changed.notify_all();
        return done;
    }

    void stop() {
        {
            std::lock_guard const lock(m_mutex);
            m_stopped = true;
            m_changed.notify_all();
        }
        for (auto& thread : m_threads)
            if (thread.joinable()) thread.join();
    }

    std::uint64_t const m_count, m_window;
    std::function<Worker()> const m_make_worker;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::map<std::uint64_t, Done> m_done;
    std::vector<Done> m_spent;
    std::uint64_t m_next = 0, m_taken = 0;
    bool m_stopped = false;
    std::vector<std::thread> m_threads;  // last: they use all of the above
};

}  // namespace consortium::base
