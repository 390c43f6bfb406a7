#include "format.h"

#include <fmt/format.h>

#include "text.h"

namespace tributary::cli {
namespace {

constexpr std::string_view kNumbers = "TKVHpodi";

tl::unexpected<Error> bad(std::string_view why) {
  return fail(Errc::kInvalidArgument, fmt::format("format: {}", why));
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view fields) : text_(text), fields_(fields) {}

  Result<Format> parse() {
    while (!text_.empty()) {
      const char c = take();
      if (c == '%') {
        TRIBUTARY_TRY(parse_field());
      } else if (c == '\\') {
        TRIBUTARY_TRY(parse_escape());
      } else {
        literal(c);
      }
    }
    return std::move(format_);
  }

 private:
  char take() {
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }
  void literal(char c) {
    if (format_.empty() || format_.back().field != 0) format_.emplace_back();
    format_.back().literal += c;
  }

  Status parse_escape() {
    if (text_.empty()) return bad("it ends in a backslash");
    const char c = take();
    constexpr std::string_view kNames = "ntr\\", kBytes = "\n\t\r\\";
    if (const size_t at = kNames.find(c); at != std::string_view::npos) return literal(kBytes[at]), Status{};
    const auto byte = c == 'x' ? from_hex(text_.substr(0, 2)) : std::nullopt;
    if (!byte || byte->size() != 1)
      return bad(fmt::format("\\{} is no escape; there are \\n \\t \\r \\\\ \\xHH", c));
    text_.remove_prefix(2);
    literal(byte->front());
    return {};
  }

  Status parse_field() {
    if (text_.empty()) return bad("it ends in a percent sign; %% is one");
    const char c = take();
    if (c == '%' || c == '{' || c == '}') return literal(c), Status{};
    if (fields_.find(c) == std::string_view::npos)
      return bad(fmt::format("%{} is not known here; there are {}", c, list_of_fields()));
    FormatToken& token = format_.emplace_back();
    token.field = c;
    if (c == 'h' && !text_.starts_with('{'))
      return bad("%h needs a format for each header, such as %h{%k=%v }");
    if (!text_.starts_with('{')) return {};
    TRIBUTARY_ASSIGN(const std::string_view inside, take_braces());
    return c == 'h' ? set_inner(token, inside) : set_form(token, inside);
  }

  Result<std::string_view> take_braces() {
    int depth = 0;
    for (size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '%' && i + 1 < text_.size() && (text_[i + 1] == '{' || text_[i + 1] == '}')) {
        ++i;
      } else if (text_[i] == '{') {
        ++depth;
      } else if (text_[i] == '}' && --depth == 0) {
        const auto inside = text_.substr(1, i - 1);
        text_.remove_prefix(i + 1);
        return inside;
      }
    }
    return bad("a brace is not closed");
  }

  static Status set_inner(FormatToken& token, std::string_view inside) {
    TRIBUTARY_ASSIGN(token.inner, parse_format(inside, "kKvV"));
    return {};
  }

  static Status set_form(FormatToken& token, std::string_view name) {
    if (kNumbers.find(token.field) != std::string_view::npos) {
      if (name == "ascii") return {};
      if (token.field == 'd' && name == "rfc3339") return token.form = TextForm::kRfc3339, Status{};
      const bool big = name.starts_with("big"), little = name.starts_with("little");
      const auto bits = parse_number<size_t>(name.substr(std::min(name.size(), big ? size_t{3} : size_t{6})));
      if ((big || little) && bits && (*bits == 8 || *bits == 16 || *bits == 32 || *bits == 64)) {
        token.form = big ? TextForm::kBig : TextForm::kLittle;
        token.width = *bits / 8;
        return {};
      }
    } else if (token.field != 't') {
      if (name == "hex") return token.form = TextForm::kHex, Status{};
      if (name == "base64") return token.form = TextForm::kBase64, Status{};
    }
    return bad(fmt::format("{{{}}} is not known for %{}", name, token.field));
  }

  std::string list_of_fields() const {
    std::string list;
    for (const char field : fields_) list += fmt::format("%{} ", field);
    return list + "%%";
  }

  std::string_view text_;
  std::string_view fields_;
  Format format_;
};

}  // namespace

Result<Format> parse_format(std::string_view text, std::string_view fields) {
  return Parser(text, fields).parse();
}

}  // namespace tributary::cli
