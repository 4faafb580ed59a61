#pragma once

#include "core/base/error.h"
#include "core/port/remembering.h"

#include <functional>
#include <map>
#include <set>

/// An exchange that is a map, which a test may change as a liar would.
class MemoryExchange : public consortium::port::Exchange, public consortium::port::Remembering {
public:
    std::string location() const override { return "memory"; }
    std::optional<Names> list(std::string const& folder) const override {
        auto const prefix = folder.empty() ? folder : folder + "/";
        std::set<std::string> names;
        for (auto const& [path, content] : blobs) {
            if (!path.starts_with(prefix)) continue;
            names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
        }
        if (!lists) return std::nullopt;
        if (crowded.contains(folder))
            throw consortium::base::Error(consortium::base::Code::malformed, "more entries than are read");
        return Names(names.begin(), names.end());
    }
    std::optional<std::string> read(std::string const& path, std::size_t max) const override {
        using namespace consortium;
        ++reads[path];
        if (on_read) on_read(path);
        check_reached(path);
        check_let_in(path);
        if (unreadable.contains(path)) throw base::Error(base::Code::unavailable, "cannot read " + path);
        auto const at = blobs.find(path);
        if (at == blobs.end()) return std::nullopt;
        if (at->second.size() > max) throw base::Error(base::Code::malformed, path + " is too large");
        return at->second;
    }
    void write(std::string const& path, std::string_view content) override {
        check_reached(path);
        if (on_write) on_write(path);
        blobs[path] = content;
        written.push_back(path);
    }
    bool remembers() const override { return knows; }
    void remember() override { knows = true; }
    bool is_read_only() const override { return read_only; }
    bool has(std::string const& path) const override {
        check_let_in(path);
        return blobs.contains(path);
    }
    void remove(std::string const& path) override {
        using namespace consortium;
        auto const plain = path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789./-_") == path.npos;
        if (!plain || path.size() > 200) throw base::Error(base::Code::malformed, "no path");
        blobs.erase(path);
    }

    /// Everything below a folder, as it is now, and put back as it was then.
    std::map<std::string, std::string> below(std::string const& folder) const {
        std::map<std::string, std::string> out;
        for (auto const& [path, content] : blobs)
            if (path.starts_with(folder + "/")) out[path] = content;
        return out;
    }
    void replace(std::string const& folder, std::map<std::string, std::string> const& by) {
        std::erase_if(blobs, [&](auto const& blob) { return blob.first.starts_with(folder + "/"); });
        blobs.insert(by.begin(), by.end());
    }

    std::map<std::string, std::string> blobs;
    std::set<std::string> down;     // members whose places are not reached
    bool lists = true;              // else as a web server
    std::set<std::string> crowded;  // folders that hold more than is listed
    bool read_only = false;
    bool knows = true;  // what was written
    std::set<std::string> unreadable;
    std::set<std::string> closed;      // paths that may be written, but not read
    std::vector<std::string> written;  // in order
    mutable std::map<std::string, int> reads;
    std::function<void(std::string const&)> on_read;
    std::function<void(std::string const&)> on_write;

private:
    void check_let_in(std::string const& path) const {
        using namespace consortium;
        if (closed.contains(path))
            throw base::Error(base::Code::not_authorized, "no access", {},
                              {{std::string(port::place_detail), "memory"}});
    }
    void check_reached(std::string const& path) const {
        using namespace consortium;
        auto const member = path.substr(0, path.find('/'));
        if (!down.contains(member)) return;
        throw base::Error(base::Code::unavailable, "'git@" + member + "' cannot be reached", {},
                          {{std::string(port::place_detail), "git@" + member}});
    }
};
