package io.freehub.query;

import io.freehub.query.grammar.HubLexer;
import io.freehub.query.grammar.HubParser;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;

/**
 * Reads queries and conditions. Whatever the text, the answer comes in time and memory that the text's length bounds, and is
 * either the parsed text or a {@link QueryException}.
 */
public final class QueryParser {

    /** The longest text, in UTF-16 code units. */
    public static final int MAX_LENGTH = 8192;

    /** The longest list of operands of one AND or OR, or of constants in square brackets. */
    public static final int MAX_LIST = 1000;

    /** The longest list of what a query selects or groups by. */
    public static final int MAX_ITEMS = 100;

    private QueryParser() {}

    /**
     * Reads a query.
     *
     * @throws QueryException if it is none, or one that is not supported
     */
    public static Query parse(String text) {
        return new SyntaxReader(TwinProperties::canonical)
                .query(parser(text).query())
                .inOneSpelling();
    }

    /**
     * Reads a condition on twins: what could follow WHERE in a query over devices or modules, names of properties spelled
     * as there.
     *
     * @throws QueryException if it is none
     */
    public static Expression parseCondition(String text) {
        return Spellings.of(Query.Source.DEVICES)
                .inOneWay(new SyntaxReader(TwinProperties::canonical)
                        .condition(parser(text).condition().expression()));
    }

    /**
     * Reads a condition on messages. Its paths are as they stand in the text; {@link Document} decides what they mean.
     *
     * @throws QueryException if it is none
     */
    public static Expression parseRouteCondition(String text) {
        return new SyntaxReader(path -> path).condition(parser(text).condition().expression());
    }

    /**
     * Reads what a configuration aims at: nothing when the text is empty, all devices for {@code *}, devices for a
     * condition, modules for {@code FROM devices.modules WHERE} and a condition. It may ask for ids, tags and reported
     * properties only.
     *
     * @throws QueryException if it is none, or asks for something else
     */
    public static Target parseTarget(String text) {
        if (text.isBlank()) {
            return new Target.Nothing();
        }
        var target = parser(text).target();
        var source = target.source() == null ? Query.Source.DEVICES : SyntaxReader.source(target.source());
        if (source == Query.Source.JOBS) {
            throw at(target.source().getStart(), "a configuration aims at devices or devices.modules");
        }
        var reader = new SyntaxReader(TwinProperties::canonical, path -> Target.refusal(source, path));
        return new Target.Twins(source, Optional.ofNullable(target.expression()).map(reader::condition));
    }

    private static HubParser parser(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new QueryException(
                    1, 1, "the text has " + text.length() + " characters, at most " + MAX_LENGTH + " are allowed");
        }
        if (!Quoting.isUnicode(text)) {
            throw new QueryException(1, 1, "the text has a NUL or half of a surrogate pair in it");
        }
        var lexer = new HubLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        lexer.addErrorListener(new UnreadableText(text));
        var tokens = new CommonTokenStream(lexer);
        tokens.fill();
        checkNesting(tokens.getTokens());
        var parser = new HubParser(tokens);
        parser.removeErrorListeners();
        parser.addErrorListener(new UnexpectedToken());
        return parser;
    }

    /** Brackets are all that makes the generated parser call itself, so this bounds its stack. */
    private static void checkNesting(List<? extends Token> tokens) {
        var depth = 0;
        for (var token : tokens) {
            switch (token.getType()) {
                case HubLexer.LEFT, HubLexer.LEFT_SQUARE -> depth++;
                case HubLexer.RIGHT, HubLexer.RIGHT_SQUARE -> depth--;
                default -> {}
            }
            if (depth > Expression.MAX_DEPTH) {
                throw at(token, "brackets are nested deeper than " + Expression.MAX_DEPTH);
            }
        }
    }

    static QueryException at(Token token, String problem) {
        return new QueryException(token.getLine(), token.getCharPositionInLine() + 1, problem);
    }

    /** A place where no token begins. */
    private static final class UnreadableText extends BaseErrorListener {

        private final String text;

        UnreadableText(String text) {
            this.text = text;
        }

        @Override
        public void syntaxError(
                Recognizer<?, ?> lexer, Object none, int line, int column, String message, RecognitionException e) {
            var start = text.offsetByCodePoints(0, ((HubLexer) lexer)._tokenStartCharIndex);
            var problem =
                    switch (text.charAt(start)) {
                        case '\'', '"' -> "the string that begins here has no end";
                        default -> "unexpected " + shown(Character.toString(text.codePointAt(start)));
                    };
            throw new QueryException(line, column + 1, problem);
        }
    }

    /** A token in the wrong place. */
    private static final class UnexpectedToken extends BaseErrorListener {

        @Override
        public void syntaxError(
                Recognizer<?, ?> parser, Object token, int line, int column, String message, RecognitionException e) {
            var expected = e == null ? ((Parser) parser).getExpectedTokens() : e.getExpectedTokens();
            var found = (Token) token;
            throw new QueryException(
                    line,
                    column + 1,
                    (found.getType() == Token.EOF ? "the text ends here" : "unexpected " + shown(found.getText()))
                            + ", expected " + words(expected == null ? List.of() : expected.toList())
                            + (endsExpression(((Parser) parser).getContext()) ? " or an operator" : ""));
        }

        /** Whether a whole expression stands before: the parser has left it, and no longer thinks of what could go on. */
        private static boolean endsExpression(ParserRuleContext rule) {
            return switch (rule) {
                case HubParser.QueryContext query ->
                    query.expression() != null && query.GROUP() == null && query.order() == null;
                case HubParser.ConditionContext condition -> condition.expression() != null;
                case HubParser.TargetContext target -> target.expression() != null;
                case HubParser.PrimaryContext primary -> primary.expression() != null;
                case HubParser.CallContext call -> !call.expression().isEmpty();
                default -> false;
            };
        }

        private static String words(List<Integer> types) {
            var left = new ArrayList<>(types);
            var words = new LinkedHashSet<String>();
            if (left.contains(HubParser.NUMBER) && left.contains(HubParser.LEFT)) {
                words.add("a property, a value, a function or '('");
                left.removeAll(List.of(
                        HubParser.NUMBER,
                        HubParser.STRING,
                        HubParser.TRUE,
                        HubParser.FALSE,
                        HubParser.NULL,
                        HubParser.UNDEFINED,
                        HubParser.NAME,
                        HubParser.QUOTED_NAME,
                        HubParser.LEFT,
                        HubParser.LEFT_SQUARE,
                        HubParser.PLUS,
                        HubParser.MINUS));
            } else if (left.contains(HubParser.SELECT) && left.contains(HubParser.NAME)) {
                return "a name";
            }
            if (types.contains(HubParser.NAME)) {
                left.removeAll(List.of(HubParser.ORDER, HubParser.ASC, HubParser.DESC));
            }
            // The one sign with two meanings.
            if (left.contains(HubParser.STAR) && !left.contains(HubParser.SLASH)) {
                left.remove((Integer) HubParser.STAR);
                words.add("'*'");
            }
            left.forEach(type -> words.add(word(type)));
            return words.stream().collect(Collectors.joining(" or "));
        }

        private static String word(int type) {
            return switch (type) {
                case Token.EOF -> "the end";
                case HubParser.NAME, HubParser.QUOTED_NAME -> "a name";
                case HubParser.NUMBER -> "a number";
                case HubParser.STRING -> "a string";
                case HubParser.EQUAL,
                        HubParser.NOT_EQUAL,
                        HubParser.LESS,
                        HubParser.LESS_OR_EQUAL,
                        HubParser.GREATER,
                        HubParser.GREATER_OR_EQUAL,
                        HubParser.PLUS,
                        HubParser.MINUS,
                        HubParser.STAR,
                        HubParser.SLASH,
                        HubParser.PERCENT,
                        HubParser.IN,
                        HubParser.NIN,
                        HubParser.AND,
                        HubParser.OR -> "an operator";
                default -> {
                    var literal = HubParser.VOCABULARY.getLiteralName(type);
                    yield literal == null
                            ? HubParser.VOCABULARY.getSymbolicName(type)
                            : literal.toUpperCase(Locale.ROOT);
                }
            };
        }
    }

    /** A piece of the text for a message: short, and in quotes. */
    static String shown(String piece) {
        var printable = piece.replaceAll("\\p{Cntrl}", " ");
        return "'" + (printable.length() > 40 ? printable.substring(0, 37) + "..." : printable) + "'";
    }
}
