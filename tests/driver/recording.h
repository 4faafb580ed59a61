#pragma once

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/port/transport.h"
#include "tests/support/data_folder.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace consortium::test {

/// Recorded exchanges with real nodes, played back: a call is answered as the node last answered it at or
/// before line `now`, a block by its number from the sweep at the end, "latest" by the recorded head. A node
/// is the URL "http://NAME".
class Recording : public port::Transport {
public:
    explicit Recording(std::string const& name) {
        auto const text =
            base::read_text(base::Path(consortium::test::data_folder()) / "evm" / name, 8u << 20);
        for (std::size_t begin = 0; begin < text.size();) {
            auto const end = std::min(text.find('\n', begin), text.size());
            m_lines.push_back(base::Json::parse(text.substr(begin, end - begin)));
            begin = end + 1;
        }
        for (auto const& line : m_lines) {
            bool const numbered = line["method"] == "eth_getBlockByNumber" && line["params"][0] != "latest";
            if (numbered && line["response"].is_object() && line["response"]["result"].is_object()) {
                m_blocks[line["params"][0].get<std::string>()] = line["response"]["result"];
            }
        }
        now = m_lines.size();
    }

    std::size_t now;                // the line up to which things have happened, from 1
    std::vector<base::Json> calls;  // that were sent, in order

    std::vector<base::Json> const& lines() const { return m_lines; }
    std::map<std::string, base::Json> const& blocks() const { return m_blocks; }
    std::int64_t time() const { return m_lines[now - 1].at("at").get<std::int64_t>() / 1000; }

    port::HttpAnswer send(port::HttpRequest const& request) override {
        auto const body = base::Json::parse(request.body);
        auto const node = request.url.substr(7);
        if (body.is_object()) return {200, {}, answer(node, body).dump(), {}};
        auto out = base::Json::array();
        for (auto const& item : body) out.push_back(answer(node, item));
        return {200, {}, out.dump(), {}};
    }
    std::vector<port::HttpAnswer> send_all(std::vector<port::HttpRequest> const& requests) override {
        std::vector<port::HttpAnswer> out;
        for (auto const& request : requests) out.push_back(send(request));
        return out;
    }

private:
    base::Json answer(std::string const& node, base::Json const& item) {
        calls.push_back(item);
        base::Json out{{"jsonrpc", "2.0"}, {"id", item.at("id")}};
        if (item.at("method") == "eth_getBlockByNumber") {
            auto const which = item.at("params")[0].get<std::string>();
            auto const number =
                which == "latest"
                    ? last(node, "eth_blockNumber", base::Json::array())["result"].get<std::string>()
                    : which;
            // Raft's last block was not read: its node then shows the one before.
            auto const found = m_blocks.find(number);
            out["result"] = found != m_blocks.end() ? found->second : m_blocks.rbegin()->second;
            return out;
        }
        auto params = item.at("params");
        for (char const* method : {"istanbul_getValidators", "clique_getSigners"}) {
            if (item.at("method") == method && params == base::Json::array({"latest"}))
                params = base::Json::array();
        }
        auto const found = item.at("method") == "clique_getSnapshot"
                               ? snapshot(params.at(0).get<std::string>())
                               : last(node, item.at("method").get<std::string>(), params);
        for (char const* key : {"result", "error"}) {
            if (found.contains(key)) out[key] = found[key];
        }
        return out;
    }

    // The recorder asked for the newest only, and the answer names its block. Before the first of them
    // nothing had been voted on, so that it is good for all blocks up to its own.
    base::Json snapshot(std::string const& number) const {
        auto const wanted = std::stoull(number, nullptr, 16);
        bool is_first = true;
        for (auto const& line : m_lines) {
            if (line["method"] != "clique_getSnapshot") continue;
            auto const held = line["response"]["result"]["number"].get<std::uint64_t>();
            if (wanted == held || (is_first && wanted < held)) return line["response"];
            is_first = false;
        }
        throw std::runtime_error("no snapshot recorded: " + number);
    }

    base::Json last(std::string const& node, std::string const& method, base::Json const& params) const {
        for (std::size_t i = now; i-- > 0;) {
            auto const& line = m_lines[i];
            bool const same = line["node"] == node && line["method"] == method && line["params"] == params;
            if (same && line["response"].is_object()) return line["response"];
        }
        throw std::runtime_error("not recorded: " + node + " " + method + " " + params.dump());
    }

    std::vector<base::Json> m_lines;
    std::map<std::string, base::Json> m_blocks;
};

}  // namespace consortium::test
