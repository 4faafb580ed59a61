#pragma once

#include "core/port/evidence.h"

#include <map>

namespace consortium::agreement {

/// Acts, files and final epochs in memory: to verify what others say without a workspace. Grows only; nothing
/// is validated here.
class MemoryEvidence : public port::Evidence {
public:
    std::optional<model::StoredAct> act(base::Digest const& id) const override;
    bool has_act(base::Digest const& id) const override { return m_index.contains(id); }
    std::vector<model::StoredAct> acts(port::ActQuery const& query) const override;
    std::vector<model::StoredAct> waiting(std::string const& kind) const override;
    std::optional<std::uint64_t> settled(base::Digest const& id) const override;
    std::optional<std::string> file(base::Digest const& digest) const override;
    bool has_file(base::Digest const& digest) const override { return m_files.contains(digest); }
    std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const override;
    std::shared_ptr<model::Epoch const> latest() const override;

    /// Appends an act, valid or not. One already held stays as it is. Throws Error(malformed).
    base::Digest add(std::string const& text, base::Instant received);
    base::Digest add_file(std::string content);
    void make_final(model::Epoch const& epoch);

    std::vector<model::StoredAct> const& all() const { return m_acts; }
    std::map<base::Digest, std::string> const& files() const { return m_files; }

private:
    std::vector<model::StoredAct> m_acts;
    std::map<base::Digest, std::size_t> m_index;
    std::map<std::string, std::vector<std::size_t>> m_by_kind;
    std::map<base::Digest, std::string> m_files;
    std::map<base::Digest, std::uint64_t> m_settled;
    std::map<std::uint64_t, std::shared_ptr<model::Epoch const>> m_epochs;
};

}  // namespace consortium::agreement
