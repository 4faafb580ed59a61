#include "core/base/compress.h"

#include "core/base/error.h"

#include <algorithm>
#include <memory>
#include <zlib.h>

namespace consortium::base {

namespace {

constexpr int gzip_window = 15 + 16;  // zlib.h: 16 asks for the format of RFC 1952
constexpr int memory_level = 8;
constexpr std::size_t chunk = 1u << 18;

/// Gives zlib what is left of the input, in parts that its counters can hold.
void feed(z_stream& stream, std::string_view& rest) {
    if (stream.avail_in != 0 || rest.empty()) return;
    auto const part = rest.substr(0, chunk);
    // zlib does not write to its input; its interface only does not say so.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    rest.remove_prefix(part.size());
}

[[noreturn]] void bad(std::string const& what) {
    throw Error(Code::malformed, "the compressed file " + what, "ask whoever made it for it again");
}

}  // namespace

std::string gzip(std::string_view text) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw Error(Code::internal, "zlib cannot compress");
    std::unique_ptr<z_stream, int (*)(z_stream*)> const end(&stream, deflateEnd);
    std::string out, buffer(chunk, '\0');
    for (int state = Z_OK; state != Z_STREAM_END;) {
        feed(stream, text);
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        state = deflate(&stream, text.empty() ? Z_FINISH : Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END) throw Error(Code::internal, "zlib cannot compress");
        out.append(buffer.data(), buffer.size() - stream.avail_out);
    }
    return out;
}

bool is_gzip(std::string_view bytes) {
    return bytes.starts_with("\x1f\x8b");
}

std::string gunzip(std::string_view bytes, std::size_t max) {
    z_stream stream{};
    if (inflateInit2(&stream, gzip_window) != Z_OK) throw Error(Code::internal, "zlib cannot decompress");
    std::unique_ptr<z_stream, int (*)(z_stream*)> const end(&stream, inflateEnd);
    std::string out, buffer(chunk, '\0');
    for (int state = Z_OK; state != Z_STREAM_END;) {
        feed(stream, bytes);
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        state = inflate(&stream, Z_NO_FLUSH);
        if (state == Z_BUF_ERROR) bad("ends in its middle");
        if (state != Z_OK && state != Z_STREAM_END) bad("is damaged");
        out.append(buffer.data(), buffer.size() - stream.avail_out);
        if (out.size() > max) bad("holds more than " + std::to_string(max) + " bytes");
    }
    if (stream.avail_in != 0 || !bytes.empty()) bad("has something after its end");
    return out;
}

}  // namespace consortium::base
