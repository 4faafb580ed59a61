#pragma once

#include "core/base/digest.h"

#include <map>
#include <optional>

namespace consortium::driver::evm {

struct CodeRange {
    std::size_t start = 0, length = 0;
    bool operator==(CodeRange const&) const = default;
};

/// What a compiler made of one contract.
struct ContractBuild {
    std::string source;  // the file; empty where the form does not name it
    std::string name;
    base::Bytes creation, deployed;
    /// Where constructors put values into the code, by the compiler's id of the variable; in order. Each is a
    /// PUSH32 of zero in `deployed`, no two overlap, and none reaches into the metadata.
    std::map<std::string, std::vector<CodeRange>> immutables;
    std::string compiler;
    base::Digest settings;  // of the compiler's settings, in canonical form
};

/// The contracts of a build: solc's standard JSON output (with `metadata`, `evm.bytecode` and
/// `evm.deployedBytecode` selected), or a file {compiler, settings, source, contracts: {NAME: {bytecode,
/// deployedBytecode: {object, immutableReferences}}}}. Interfaces, which have no code, are left out. Throws
/// Error(malformed), e.g. for errors of the compiler, libraries that are not linked, references that would
/// hide something else than an immutable.
std::vector<ContractBuild> read_builds(std::string_view text);
/// The one of this name, "NAME" or "FILE:NAME". Throws Error(not_found) or, if there are several,
/// Error(usage).
ContractBuild const& find_build(std::vector<ContractBuild> const& builds, std::string_view name);

/// The metadata that solc appends to code, length included: a CBOR map and two bytes. Zero if there is none.
std::size_t metadata_size(base::BytesView code);

enum class CodeMatch {
    equal,             // but for the values of immutables
    metadata_differs,  // the metadata only: other sources or settings that compile to the same
    differs,
    no_code,
};

/// A value that was found where an immutable stands.
struct ImmutableValue {
    std::string id;
    std::size_t start = 0;  // the first of its places
    base::Bytes value;
};

struct CodeComparison {
    CodeMatch match = CodeMatch::differs;
    std::vector<ImmutableValue> values;  // if equal, or if the metadata alone differs
    std::string words;                   // one line for people
    bool holds() const { return match == CodeMatch::equal; }
};

/// Code on the chain against a build, immutables masked (G10): all else must be equal, and an immutable that
/// stands at several places must have one value.
CodeComparison compare_code(ContractBuild const& build, base::BytesView code);

/// What follows the build's creation code in the data of the transaction that created a contract: the
/// constructor's arguments. None if the data is of another build.
std::optional<base::BytesView> constructor_arguments(ContractBuild const& build, base::BytesView data);

}  // namespace consortium::driver::evm
