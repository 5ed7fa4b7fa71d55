// Vectorscan (or Hyperscan) on a corpus: how fast it matches, and nothing but matches.
//
//   vectorscan compile EXPRESSIONS DATABASE   one line an expression: ID <TAB> FLAGS <TAB> EXPRESSION
//   vectorscan scan DATABASE lines|whole FILE
//
// Each prints one JSON object. FLAGS are letters: 8 UTF-8, m many lines in a text, 1 one report an expression and scan.
// `lines` scans each line by itself, `whole` the file in one call. The file is scanned once before anything is timed,
// then again until the time is long enough for the clock; each scan must find the same.
#include <hs.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr double MIN_RUN_SECONDS = 0.5;

struct Expression {
  unsigned id;
  unsigned flags;
  std::string text;
};

struct Counts {
  unsigned long long matches = 0;
  unsigned long long linesMatched = 0;
};

[[noreturn]] void fail(const std::string &why) { throw std::runtime_error(why); }

std::string readFile(const char *path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::string(path) + ": can't be read");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string json(const std::string &text) {
  std::string out = "\"";
  for (const unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + '"';
}

unsigned flagsOf(const std::string &letters) {
  unsigned flags = 0;
  for (const char letter : letters) {
    if (letter == '8') flags |= HS_FLAG_UTF8;
    else if (letter == 'm') flags |= HS_FLAG_MULTILINE;
    else if (letter == '1') flags |= HS_FLAG_SINGLEMATCH;
    else fail(std::string("no such flag: ") + letter);
  }
  return flags;
}

std::vector<Expression> readExpressions(const char *path) {
  std::vector<Expression> expressions;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find('\t');
    const size_t second = line.find('\t', first + 1);
    if (second == std::string::npos) fail("expected ID <TAB> FLAGS <TAB> EXPRESSION");
    expressions.push_back({static_cast<unsigned>(std::stoul(line.substr(0, first))),
                           flagsOf(line.substr(first + 1, second - first - 1)), line.substr(second + 1)});
  }
  return expressions;
}

// Without the space and the date behind the number.
std::string version() {
  const std::string text = hs_version();
  return text.substr(0, text.find(' '));
}

void compile(const char *expressionsPath, const char *databasePath) {
  std::vector<Expression> expressions = readExpressions(expressionsPath);
  std::string refused;
  hs_database_t *database = nullptr;
  // The library names the first expression it refuses, so that one is left out and all others are tried again.
  for (;;) {
    if (expressions.empty()) fail("every expression was refused");
    std::vector<const char *> texts;
    std::vector<unsigned> flags, ids;
    for (const Expression &one : expressions) {
      texts.push_back(one.text.c_str());
      flags.push_back(one.flags);
      ids.push_back(one.id);
    }
    hs_compile_error_t *error = nullptr;
    const hs_error_t code = hs_compile_multi(texts.data(), flags.data(), ids.data(), texts.size(),
                                             HS_MODE_BLOCK, nullptr, &database, &error);
    if (code == HS_SUCCESS) break;
    const std::string message = error->message;
    const int at = error->expression;
    hs_free_compile_error(error);
    if (at < 0) fail(message);
    if (!refused.empty()) refused += ',';
    refused += "{\"id\":" + std::to_string(expressions[at].id) + ",\"reason\":" + json(message) + '}';
    expressions.erase(expressions.begin() + at);
  }
  char *bytes = nullptr;
  size_t length = 0;
  if (hs_serialize_database(database, &bytes, &length) != HS_SUCCESS) fail("the database can't be serialised");
  std::ofstream(databasePath, std::ios::binary).write(bytes, static_cast<std::streamsize>(length));
  std::cout << "{\"version\":" << json(version()) << ",\"used\":" << expressions.size() << ",\"refused\":["
            << refused << "],\"databaseBytes\":" << length << "}\n";
}

int onMatch(unsigned, unsigned long long, unsigned long long, unsigned, void *context) {
  ++*static_cast<unsigned long long *>(context);
  return 0;
}

void scanPart(const hs_database_t *database, hs_scratch_t *scratch, const char *at, size_t length,
              Counts &counts) {
  if (length > UINT32_MAX) fail("the file is too large for one scan");
  const unsigned long long before = counts.matches;
  if (hs_scan(database, at, static_cast<unsigned>(length), 0, scratch, onMatch, &counts.matches) != HS_SUCCESS)
    fail("the scan failed");
  if (counts.matches > before) ++counts.linesMatched;
}

Counts scanOnce(const hs_database_t *database, hs_scratch_t *scratch, const std::string &text, bool byLine) {
  Counts counts;
  if (!byLine) {
    scanPart(database, scratch, text.data(), text.size(), counts);
    return counts;
  }
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    const void *found = std::memchr(at, '\n', static_cast<size_t>(end - at));
    const char *lineEnd = found == nullptr ? end : static_cast<const char *>(found);
    scanPart(database, scratch, at, static_cast<size_t>(lineEnd - at), counts);
    at = lineEnd + 1;
  }
  return counts;
}

void scan(const char *databasePath, const std::string &mode, const char *path) {
  const std::string serialised = readFile(databasePath);
  hs_database_t *database = nullptr;
  if (hs_deserialize_database(serialised.data(), serialised.size(), &database) != HS_SUCCESS)
    fail("the database can't be read");
  hs_scratch_t *scratch = nullptr;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) fail("no memory for the scan");
  const std::string text = readFile(path);
  const bool byLine = mode == "lines";
  if (!byLine && mode != "whole") fail("expected lines or whole");
  const Counts expected = scanOnce(database, scratch, text, byLine);
  const auto start = std::chrono::steady_clock::now();
  double seconds = 0;
  int passes = 0;
  while (seconds < MIN_RUN_SECONDS) {
    if (scanOnce(database, scratch, text, byLine).matches != expected.matches)
      fail("a second scan found something else");
    ++passes;
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  std::cout << "{\"mode\":" << json(mode) << ",\"seconds\":" << seconds / passes << ",\"bytes\":" << text.size()
            << ",\"matches\":" << expected.matches << ",\"linesMatched\":" << (byLine ? expected.linesMatched : 0)
            << "}\n";
}

}  // namespace

int main(int argc, char **argv) {
  try {
    const std::string command = argc > 1 ? argv[1] : "";
    if (command == "compile" && argc == 4) compile(argv[2], argv[3]);
    else if (command == "scan" && argc == 5) scan(argv[2], argv[3], argv[4]);
    else fail("usage: vectorscan compile EXPRESSIONS DATABASE | vectorscan scan DATABASE lines|whole FILE");
    return 0;
  } catch (const std::exception &error) {
    std::cerr << "vectorscan: " << error.what() << '\n';
    return 1;
  }
}
