package io.freehub.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** What holds for every query, and for every text that is none. */
class QueryPropertiesTest {

    private static final List<String> WORDS = List.of(
            "SELECT",
            "TOP",
            "*",
            "FROM",
            "devices",
            "WHERE",
            "GROUP",
            "BY",
            "AS",
            "AND",
            "OR",
            "NOT",
            "IN",
            "NIN",
            "TRUE",
            "NULL",
            "UNDEFINED",
            "=",
            "!=",
            "<",
            ">=",
            "+",
            "-",
            "/",
            "%",
            "(",
            ")",
            "[",
            "]",
            "[[",
            "]]",
            ",",
            ".",
            "1",
            "0x1f",
            "1e9999",
            "'a'",
            "'",
            "\"",
            "\\",
            "/*",
            "*/",
            "tags",
            "COUNT",
            "lower",
            "$body",
            "😀",
            "\uD83D",
            "\0",
            "\n");

    @Property(tries = 2000)
    void aQueryWrittenAndReadIsTheSame(@ForAll("queries") Query query) {
        assertThat(QueryParser.parse(query.text())).isEqualTo(query);
    }

    @Property(tries = 2000)
    void aConditionWrittenAndReadIsTheSame(@ForAll("expressions") Expression expression) {
        assertThat(QueryParser.parseCondition(expression.text())).isEqualTo(expression);
        assertThat(QueryParser.parseRouteCondition(expression.text())).isEqualTo(expression);
    }

    @Property(tries = 5000, shrinking = ShrinkingMode.OFF)
    void anyTextIsReadOrRefused(@ForAll String text) {
        everyParser(text);
    }

    @Property(tries = 5000)
    void anyWordsAreReadOrRefused(@ForAll("words") String text) {
        everyParser(text);
        everyParser("SELECT * FROM devices WHERE " + text);
    }

    private static void everyParser(String text) {
        for (var parser : List.<Consumer<String>>of(
                QueryParser::parse, QueryParser::parseCondition, QueryParser::parseRouteCondition)) {
            try {
                parser.accept(text);
            } catch (QueryException e) {
                assertThat(e.line()).isPositive();
                assertThat(e.column()).isPositive();
                assertThat(e.getMessage()).hasSizeLessThan(300);
            }
        }
    }

    @Provide
    Arbitrary<Query> queries() {
        return Generated.queries();
    }

    @Provide
    Arbitrary<Expression> expressions() {
        return Generated.expressions(3);
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.of(WORDS)
                .list()
                .ofMaxSize(40)
                .map(words -> String.join(words.size() % 2 == 0 ? " " : "", words));
    }
}
