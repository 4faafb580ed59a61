#pragma once

#include "core/exchange/open.h"
#include "core/port/remembering.h"

#include <map>

namespace consortium::exchange {

/// Several places as one tree: what lies below a member's name is read where that member publishes, the rest
/// at home; written is at home only. Each place is opened when something of it is first asked for, and one
/// that cannot be opened spoils no other.
class Places : public port::Exchange, public port::Remembering {
public:
    /// `home` may be empty: then nothing can be written. Throws Error(configuration) if the writer itself is
    /// among `peers`.
    Places(Place home, std::map<std::string, Place> const& peers, Means means);
    ~Places() override;

    /// Of home; empty where there is none.
    std::string location() const override;
    /// Of the whole: the peers, and what home lists.
    std::optional<Names> list(std::string const& folder) const override;
    std::optional<std::string> read(std::string const& path, std::size_t max) const override;
    void write(std::string const& path, std::string_view content) override;
    void write_again(std::string const& path, std::string_view content) override;
    void separate() override;
    void settle() override;
    bool remembers() const override;
    void remember() override;
    bool is_near() const override;
    bool is_read_only() const override;
    bool has(std::string const& path) const override;
    void remove(std::string const& path) override;

private:
    struct Slot {
        Place place;
        mutable std::unique_ptr<port::Exchange> opened;
        mutable std::optional<base::Error> failure;
    };

    Slot const& slot_of(std::string_view path) const;
    port::Exchange& open(Slot const& slot) const;
    port::Exchange& home() const;

    Means m_means;
    std::optional<Slot> m_home;
    std::map<std::string, Slot, std::less<>> m_peers;
};

}  // namespace consortium::exchange
