#pragma once

#include "core/base/json.h"
#include "core/journal/merkle.h"

namespace consortium::journal {

inline constexpr std::size_t max_dossier = 256u << 20;
inline constexpr std::size_t max_dossier_lines = 500'000;
inline constexpr std::size_t max_stamped = 64;

/// Entries of a log with all that is needed to check them where there is no workspace: one file of canonical
/// JSON lines, schema "consortium.evidence/1", see consortium-evidence(5).
struct Dossier {
    /// An epoch's document with the acts that made it final: its founders' or its commits' envelopes.
    struct Epoch {
        std::uint64_t number = 0;
        std::string document;
        std::vector<std::string> acts;
    };
    /// `body`: of an event that is disclosed, what its leaf commits to; else empty. `path`: leaf to root.
    struct Record {
        std::uint64_t index = 0;
        std::string leaf, body;
        std::vector<Digest> path;
    };
    /// A head that others have cosigned, and how the tree of `head` continues it.
    struct Cosigned {
        std::string checkpoint;
        std::vector<Digest> path;
    };

    /// A head of the same log with the token (RFC 3161) of when it existed, and how the tree of `head`
    /// continues it.
    struct Stamped {
        std::string checkpoint;
        std::vector<Digest> path;
        base::Bytes token;
    };

    Digest genesis;
    std::string recipient;             // whom it was disclosed to; empty: nobody in particular
    base::JsonValue scope;             // {"kind":"range","from":100,"to":250}, see flow/evidence.h
    std::vector<Epoch> epochs;         // by number, without a gap
    std::vector<std::string> context;  // envelopes that no record is about, in which keys stand
    std::vector<std::string> files;    // contents that records name by digest
    std::vector<Record> records;       // by index
    std::string head;                  // the signed note that all paths lead to
    std::vector<Cosigned> cosigned;    // smaller heads
    std::vector<Stamped> stamped;      // heads, by size, at most max_stamped
    std::optional<Record> disclosure;  // the event by which the log says what was disclosed to whom
};

/// The lines before the head: what a disclosure names by its SHA-256, and what stays the same under any head.
std::string content_text(Dossier const& dossier);
/// Throws Error(refused) if it would be larger than such a file may be.
std::string to_text(Dossier const& dossier);

bool is_dossier(std::string_view text);
/// Strict: the one text of what it returns. Throws Error(verification_failed) for a file that was changed or
/// cut short on its way, Error(malformed) for one that was made wrong; both name the line.
Dossier dossier_from_text(std::string_view text);

}  // namespace consortium::journal
