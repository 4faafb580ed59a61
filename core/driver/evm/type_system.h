#pragma once

#include "core/base/error.h"
#include "core/base/json.h"

#include <map>

/// The types of EIP-712.
namespace consortium::driver::evm::typed {

inline constexpr std::string_view domain_name = "EIP712Domain";

/// Throws Error(malformed) naming the place, a JSON pointer.
[[noreturn]] void fail(std::string_view place, std::string_view what);

struct Type {
    enum class Kind {
        boolean,
        address,
        unsigned_integer,
        signed_integer,
        fixed_bytes,
        bytes,
        text,
        structure
    };

    Kind kind = Kind::structure;
    int size = 0;                                        // bits of an integer, bytes of fixed_bytes
    std::string text;                                    // without dimensions
    std::vector<std::optional<std::size_t>> dimensions;  // the outermost last; none is open
};

struct Member {
    std::string name;
    Type type;
    std::string text;  // the type as it is written
};

/// The structures that are declared. Names are identifiers, none that of a type of its own; every type is
/// known, and no structure is made of itself.
class TypeSystem {
public:
    explicit TypeSystem(base::Json const& types);

    bool has(std::string const& name) const { return m_members.contains(name); }
    std::vector<Member> const& members(std::string const& name) const { return m_members.at(name); }
    /// encodeType: the structure, then those that it needs in the order of their names.
    std::string const& encoded(std::string const& name) const { return m_encoded.at(name); }
    /// Throws Error(malformed) unless EIP712Domain is declared with fields that the standard has.
    void check_domain() const;

private:
    std::vector<std::string> const& needed(std::string const& name);

    std::map<std::string, std::vector<Member>> m_members;
    std::map<std::string, std::vector<std::string>> m_needed;  // directly and through others
    std::map<std::string, bool> m_done;                        // false while a structure is looked into
    std::map<std::string, std::string> m_encoded;
};

}  // namespace consortium::driver::evm::typed
