#pragma once

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

model::Outcome root_transcript(Session& session, model::Request const& request);

// What an outside auditor gets of a rotation; root.cpp lists it.

inline constexpr Flag root_transcript_flags[] = {
    {"--to", Kind::output, "FOLDER", "where it is written", Need::required},
    {"--cms", Kind::text, "CERTIFICATE",
     "sign it in CMS, too: the serial of a certificate issued here, or its file, PEM or DER"},
};
inline constexpr Example root_transcript_examples[] = {
    {"consortium root transcript --to transcript", "what an outside auditor gets"},
    {"consortium root transcript --to transcript --cms auditor.pem",
     "the same, with a signature for tools that know certificates"},
};
inline constexpr base::Code root_transcript_codes[] = {base::Code::not_found, base::Code::not_authorized,
                                                       base::Code::refused,   base::Code::unsupported,
                                                       base::Code::malformed, base::Code::declined};
inline constexpr Command root_transcript_command{
    .noun = "root",
    .verb = "transcript",
    .effect = Effect::write,
    .summary = "write the ceremony's transcript, signed",
    .flags = root_transcript_flags,
    .description =
        "A page for people, the same as canonical JSON, a DSSE envelope of it signed by this workspace's "
        "officer, and for every act that it cites a proof that it is in this journal: plan and roster, "
        "each stage with its manifest, approvals and decision, what was signed, who has followed, "
        "witnesses, deviations, and the program's own SHA-256. It can be written at any time; 'over' "
        "says "
        "whether the rotation has ended. The script for before is 'report render ceremony-script'.\n\n"
        "With --cms, transcript.p7s is a detached signature in CMS (RFC 5652) over transcript.json, by a "
        "certificate whose key this workspace has: P-256, P-384 or RSA. What is of hexadecimal digits "
        "alone is a serial; a file may hold the certificate's issuers, which are carried along. Where "
        "the "
        "root is at hand, 'openssl cms -verify -binary -inform DER -in transcript.p7s -content "
        "transcript.json -CAfile root.pem -purpose any -out /dev/null' checks it.",
    .examples = root_transcript_examples,
    .codes = root_transcript_codes,
    .handler = root_transcript,
};

}  // namespace consortium::cli
