// A note with signatures, and the checkpoint in it.

#include "core/journal/checkpoint.h"

#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::probe([&] {
        fuzz::require(journal::NoteKey::from_vkey(fuzz::text(data, size)).vkey() == fuzz::text(data, size));
    });
    return fuzz::probe([&] {
        auto const text = fuzz::text(data, size);
        auto const note = journal::Note::parse(text);
        fuzz::require(note.text() == text);
        auto const checkpoint = journal::Checkpoint::parse(note.body);
        fuzz::require(checkpoint.body() == note.body);
    });
}
