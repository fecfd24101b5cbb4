#include "sections/script_lexer.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "sections/script_keywords.h"

namespace fwseal {
namespace {

// Tokens in one mode: names as they are, "quoted", #number, sign', !bad.
std::string tokens(std::string_view text, LexMode mode) {
  ScriptLexer lexer(text);
  std::string out;
  for (Token token = lexer.take(mode); token.kind != TokenKind::kEnd; token = lexer.take(mode)) {
    out += out.empty() ? "" : " ";
    if (token.kind == TokenKind::kQuoted) out += '"';
    if (token.kind == TokenKind::kNumber) out += '#';
    if (token.kind == TokenKind::kBad) out += '!';
    out += token.text;
    if (token.kind == TokenKind::kQuoted) out += '"';
    if (token.kind == TokenKind::kSign) out += '\'';
  }
  return out;
}

TEST(ScriptLexer, AWordIsWhatItsModeMakesOfIt) {
  const std::string_view text = "a-b*c+=1";
  EXPECT_EQ(tokens(text, LexMode::kExpression), "a -' b *' c +=' #1");
  EXPECT_EQ(tokens(text, LexMode::kWild), "a-b*c+=1");
  EXPECT_EQ(tokens(text, LexMode::kScript), "a-b !* c+=1");
  EXPECT_EQ(tokens(text, LexMode::kInputs), "a-b !* c+=1");
}

TEST(ScriptLexer, NamesInExpressionsHoldSlashesAndTildes) {
  EXPECT_EQ(tokens("a/b a~b .x_$y \\z", LexMode::kExpression), "a/b a~b .x_$y \\z");
  EXPECT_EQ(tokens("a / b", LexMode::kExpression), "a /' b");
}

TEST(ScriptLexer, OfEquallyLongTokensASignComesBeforeAName) {
  EXPECT_EQ(tokens("= -= [ ] * : ! =x -=x [x", LexMode::kWild), "=' -=' [' ]' * : ! =x -=x [x");
  EXPECT_EQ(tokens("~ ~x /= /=x", LexMode::kScript), "~' ~x /=' /=x");
}

TEST(ScriptLexer, EverySignOfAnExpression) {
  for (const std::string_view sign : {"<<=", ">>=", "+=", "-=", "*=", "/=", "&=", "|=", "^=", "||",
                                      "&&",  "==",  "!=", ">=", "<=", "<<", ">>", "=",  ">",  ",",
                                      "&",   "|",   "^",  "~",  "!",  "?",  "*",  "+",  "-",  "/",
                                      "%",   "<",   "(",  ")",  "{",  "}",  ":",  ";"})
    EXPECT_EQ(tokens(sign, LexMode::kExpression), std::string(sign) + "'");
}

TEST(ScriptLexer, NumbersInExpressions) {
  const auto in_expression = [](std::string_view text) {
    return tokens(text, LexMode::kExpression);
  };
  EXPECT_EQ(in_expression("10 010 0x1F 0X1f $1f 64K 2m 0x10M $2K"),
            "#10 #010 #0x1F #0X1f #$1f #64K #2m #0x10M #$2K");
  EXPECT_EQ(in_expression("1fh 1FX 17o 101b 99d 0b"), "#1fh #1FX #17o #101b #99d #0b");
  EXPECT_EQ(in_expression("each"), "#each");                             // as GNU ld has it
  EXPECT_EQ(in_expression("add bad feed b d h"), "add bad feed b d h");  // no digits of their bases
  EXPECT_EQ(in_expression("eachx deadbeef_ $x"), "eachx deadbeef_ $x");
  EXPECT_EQ(in_expression("0x10b 0x10bh 1fhx"), "#0x10b #0x10b h #1fh x");
  EXPECT_EQ(in_expression("0x 0xg"), "#0x #0x g");
}

TEST(ScriptLexer, NumbersElsewhere) {
  EXPECT_EQ(tokens("10K 1fh", LexMode::kScript), "#10K #1 fh");
  EXPECT_EQ(tokens("10 0x1", LexMode::kWild), "10 0x1");
  EXPECT_EQ(tokens("10.o", LexMode::kInputs), "10.o");
}

TEST(ScriptLexer, CommentsAndLines) {
  EXPECT_EQ(tokens("a/* x\n*/b # c\nd/**/", LexMode::kScript), "a b d");
  EXPECT_EQ(tokens("/*a*/lib/*.o /**/ x", LexMode::kWild), "lib/*.o x");
  ScriptLexer lexer("a /*\n\n*/ b\n\"x\ny\" c");
  EXPECT_EQ(lexer.take(LexMode::kScript).line, 1u);
  EXPECT_EQ(lexer.take(LexMode::kScript).line, 3u);
  EXPECT_EQ(lexer.take(LexMode::kScript).line, 4u);
  EXPECT_EQ(lexer.take(LexMode::kScript).line, 5u);
}

TEST(ScriptLexer, StringsAreTakenAsTheyAre) {
  for (const LexMode mode :
       {LexMode::kScript, LexMode::kList, LexMode::kInputs, LexMode::kExpression, LexMode::kWild})
    EXPECT_EQ(tokens("\"a b;\\\"\"\"", mode), "\"a b;\\\" \"\"");
}

TEST(ScriptLexer, WhatHasNoEndIsABadToken) {
  EXPECT_EQ(tokens("a /* b", LexMode::kScript), "a !a comment without an end");
  EXPECT_EQ(tokens("a \"b\nc", LexMode::kScript), "a !a string without a closing quote c");
  EXPECT_EQ(tokens("a @ \x01", LexMode::kExpression), "a !@ !\x01");
}

TEST(ScriptLexer, CommasEndNamesOnlyInLists) {
  EXPECT_EQ(tokens("a, b,c,", LexMode::kList), "a ,' b,c ,'");
  EXPECT_EQ(tokens("a.o, -lb =c", LexMode::kInputs), "a.o ,' -lb =c");
  EXPECT_EQ(tokens("a, b", LexMode::kScript), "a, b");
  EXPECT_EQ(tokens("a, b", LexMode::kWild), "a, b");
}

TEST(ScriptLexer, DiscardIsANameEverywhere) {
  EXPECT_EQ(tokens("0 /DISCARD/ x", LexMode::kExpression), "#0 /DISCARD/ x");
  EXPECT_EQ(tokens("/DISCARD/", LexMode::kScript), "/DISCARD/");
}

TEST(ScriptLexer, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(tokens("\xef\xbb\xbf"
                   "a",
                   LexMode::kScript),
            "a");
}

TEST(ScriptLexer, PeekingTakesNothingAndMarksLeadBack) {
  ScriptLexer lexer("a-b c");
  EXPECT_EQ(lexer.peek(LexMode::kExpression).text, "a");
  EXPECT_EQ(lexer.peek(LexMode::kWild).text, "a-b");
  EXPECT_EQ(lexer.peek(LexMode::kWild).text, "a-b");
  const ScriptLexer::Mark start = lexer.mark();
  EXPECT_EQ(lexer.take(LexMode::kWild).text, "a-b");
  EXPECT_EQ(lexer.take(LexMode::kWild).text, "c");
  lexer.rewind(start);
  EXPECT_EQ(lexer.take(LexMode::kExpression).text, "a");
  lexer.stop();
  EXPECT_EQ(lexer.take(LexMode::kExpression).kind, TokenKind::kEnd);
}

TEST(ReadNumber, EveryWayToWriteOne) {
  const auto value = [](std::string_view text) {
    const NumberText number = read_number(text);
    EXPECT_EQ(number.state, NumberText::State::kGood) << text;
    return number.value;
  };
  EXPECT_EQ(value("0"), 0u);
  EXPECT_EQ(value("10"), 10u);
  EXPECT_EQ(value("010"), 8u);
  EXPECT_EQ(value("0x1F"), 31u);
  EXPECT_EQ(value("0X1f"), 31u);
  EXPECT_EQ(value("$1f"), 31u);
  EXPECT_EQ(value("64K"), 65536u);
  EXPECT_EQ(value("64k"), 65536u);
  EXPECT_EQ(value("2M"), 2097152u);
  EXPECT_EQ(value("0x2m"), 2097152u);
  EXPECT_EQ(value("$2K"), 2048u);
  EXPECT_EQ(value("1fh"), 31u);
  EXPECT_EQ(value("1fX"), 31u);
  EXPECT_EQ(value("17o"), 15u);
  EXPECT_EQ(value("101b"), 5u);
  EXPECT_EQ(value("099d"), 99u);
  EXPECT_EQ(value("0x10b"), 0x10bu);
  EXPECT_EQ(value("0x"), 0u);
  EXPECT_EQ(value("18446744073709551615"), ~u64{0});
  EXPECT_EQ(value("0xffffffffffffffff"), ~u64{0});
}

TEST(ReadNumber, RefusesDigitsOutsideOfTheBaseAndValuesOutsideOf64Bits) {
  using State = NumberText::State;
  for (const std::string_view text : {"09", "19o", "12b", "ad", "K", "$", "1x2"})
    EXPECT_EQ(read_number(text).state, State::kMalformed) << text;
  for (const std::string_view text :
       {"18446744073709551616", "0x10000000000000000", "18014398509481984K", "$ffffffffffffffffM"})
    EXPECT_EQ(read_number(text).state, State::kTooLarge) << text;
}

TEST(ReadNumber, OnlyPlainHexadecimalKeepsItsDigits) {
  EXPECT_EQ(read_number("0x0090").hex_digits, "0090");
  EXPECT_EQ(read_number("0x112233445566778899aabb").hex_digits, "112233445566778899aabb");
  for (const std::string_view text : {"0x90K", "$90", "90h", "144"})
    EXPECT_EQ(read_number(text).hex_digits, "") << text;
}

TEST(Keywords, BelongToModes) {
  EXPECT_TRUE(is_keyword("SECTIONS", LexMode::kScript));
  EXPECT_FALSE(is_keyword("SECTIONS", LexMode::kExpression));
  EXPECT_FALSE(is_keyword("SECTIONS", LexMode::kWild));
  EXPECT_TRUE(is_keyword("KEEP", LexMode::kWild));
  EXPECT_FALSE(is_keyword("KEEP", LexMode::kScript));
  EXPECT_TRUE(is_keyword("KEEP"));
  EXPECT_FALSE(is_keyword("keep"));
  EXPECT_TRUE(is_unsupported_keyword("HLL"));
  EXPECT_FALSE(is_unsupported_keyword("KEEP"));
  EXPECT_FALSE(is_unsupported_keyword("x"));
}

TEST(Describe, ShowsWhatWasFound) {
  const auto first = [](std::string_view text) {
    return describe(ScriptLexer(text).take(LexMode::kScript));
  };
  EXPECT_EQ(first(""), "end of file");
  EXPECT_EQ(first("abc"), "'abc'");
  EXPECT_EQ(first("\"abc\""), "\"abc\"");
  EXPECT_EQ(first("x=1"), "'x=1' (write blanks around '=')");
  EXPECT_EQ(first(".text:"), "'.text:' (write a blank before ':')");
  EXPECT_EQ(first("// x"), "'//' (comments are /* */ or #)");
  EXPECT_EQ(first("\x80"), "'\\x80'");
  EXPECT_EQ(first(std::string(100, 'x')), "'" + std::string(60, 'x') + "...'");
  EXPECT_EQ(first("/*"), "a comment without an end");
}

}  // namespace
}  // namespace fwseal
