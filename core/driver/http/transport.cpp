#include "core/driver/transport.h"

#include "core/base/error.h"
#include "core/driver/http/transfer.h"

#include <functional>

namespace consortium::driver {

namespace {

using http::curl;
using http::Transfer;

constexpr long max_connections = 256;
constexpr int poll_milliseconds = 1000;

/// libcurl's set of running transfers.
class Multi {
public:
    Multi() : m_handle(curl().multi_init()) {
        if (m_handle == nullptr) throw base::Error(base::Code::internal, "libcurl gives no handle");
        curl().multi_setopt(m_handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
    }
    ~Multi() { curl().multi_cleanup(m_handle); }
    Multi(Multi const&) = delete;
    Multi& operator=(Multi const&) = delete;

    void add(CURL* transfer) { curl().multi_add_handle(m_handle, transfer); }
    void remove(CURL* transfer) { curl().multi_remove_handle(m_handle, transfer); }

    /// Runs until none is left; calls `done` for each as it ends.
    void run(std::function<void(CURL*, CURLcode)> const& done) {
        int running = 0;
        do {
            auto code = curl().multi_perform(m_handle, &running);
            if (code == CURLM_OK && running > 0) {
                code = curl().multi_poll(m_handle, nullptr, 0, poll_milliseconds, nullptr);
            }
            if (code != CURLM_OK) throw base::Error(base::Code::internal, "libcurl's event loop failed");
            collect(done);
        } while (running > 0);
    }

private:
    void collect(std::function<void(CURL*, CURLcode)> const& done) {
        int left = 0;
        while (auto const* message = curl().multi_info_read(m_handle, &left)) {
            if (message->msg == CURLMSG_DONE) done(message->easy_handle, message->data.result);
        }
    }

    CURLM* m_handle;
};

class CurlTransport : public port::Transport {
public:
    explicit CurlTransport(base::Duration timeout) : m_timeout(timeout) {}

    port::HttpAnswer send(port::HttpRequest const& request) override {
        std::vector<std::unique_ptr<Transfer>> transfers;
        transfers.push_back(std::make_unique<Transfer>(request, m_timeout));
        auto answer = std::move(run(transfers).front());
        if (answer.failure) throw base::Error(*answer.failure);
        return answer;
    }

    std::vector<port::HttpAnswer> send_all(std::vector<port::HttpRequest> const& requests) override {
        std::vector<std::unique_ptr<Transfer>> transfers;
        std::vector<std::optional<base::Error>> refusals(requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            try {
                transfers.push_back(std::make_unique<Transfer>(requests[i], m_timeout));
            } catch (base::Error const& error) {
                transfers.push_back(nullptr);
                refusals[i] = error;
            }
        }
        auto answers = run(transfers);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (refusals[i]) answers[i].failure = refusals[i];
        }
        return answers;
    }

private:
    static std::vector<port::HttpAnswer> run(std::vector<std::unique_ptr<Transfer>> const& transfers) {
        std::vector<port::HttpAnswer> answers(transfers.size());
        std::map<CURL*, std::size_t> places;
        Multi multi;
        for (std::size_t i = 0; i < transfers.size(); ++i) {
            if (transfers[i] == nullptr) continue;
            places[transfers[i]->handle()] = i;
            multi.add(transfers[i]->handle());
        }
        auto const take = [&](CURL* handle, CURLcode result) {
            auto const place = places.at(handle);
            answers[place] = transfers[place]->finish(result);
        };
        try {
            multi.run(take);
        } catch (...) {
            for (auto const& [handle, place] : places) multi.remove(handle);
            throw;
        }
        for (auto const& [handle, place] : places) multi.remove(handle);
        return answers;
    }

    base::Duration m_timeout;
};

}  // namespace

std::unique_ptr<port::Transport> make_transport(base::Duration timeout) {
    return std::make_unique<CurlTransport>(timeout);
}

}  // namespace consortium::driver
