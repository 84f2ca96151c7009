package io.freehub.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the language means, as a table: each expression on one document. */
class EvaluatorTest {

    private static final Document DOCUMENT = Document.of(Value.ofJava(Map.of(
            "n",
            5,
            "half",
            0.5,
            "s",
            "text",
            "six",
            "6",
            "t",
            true,
            "none",
            Arrays.asList((Object) null),
            "list",
            List.of(1, "a", 2.0),
            "object",
            Map.of("Key", "value", "0", "zero"),
            "huge",
            new BigDecimal("1e200"),
            "smile",
            "😀ab")));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Comparison: types, and what is not there.
                "n = 5 | true",
                "n = 5.0 | true",
                "n = '5' | false",
                "n != '5' | true",
                "n < '6' | undefined",
                "n <= 5 | true",
                "n <> 5 | false",
                "s = 'text' | true",
                "s = 'Text' | false",
                "s > 'test' | true",
                "s >= 'text' | true",
                "t = true | true",
                "t > false | undefined",
                "none[0] = null | true",
                "none[0] != 1 | true",
                "none[0] < 1 | undefined",
                "missing = 1 | undefined",
                "missing != 1 | undefined",
                "missing = undefined | undefined",
                "list = 1 | undefined",
                "object != 'a' | undefined",
                // Only the members of objects and the elements of arrays are there.
                "object.Key | `\"value\"`",
                "object.key | undefined",
                "object[0] | undefined",
                "list.[[0]] | undefined",
                "list[0] | 1",
                "list[3] | undefined",
                "object['0'] | `\"zero\"`",
                // Three truth values.
                "missing AND false | false",
                "missing AND true | undefined",
                "missing OR true | true",
                "missing OR false | undefined",
                "NOT missing | undefined",
                "NOT (missing = 1) | undefined",
                "n AND true | undefined",
                "NOT n | undefined",
                "t AND t | true",
                // Lists.
                "n IN [4, 5] | true",
                "n IN ['5'] | false",
                "n NIN ['5'] | true",
                "n IN [] | false",
                "missing NIN [] | true",
                "missing IN [1] | undefined",
                "list IN [1] | undefined",
                "none[0] IN [null] | true",
                // Arithmetic.
                "n + half | 5.5",
                "n - 7 | -2",
                "n * n | 25",
                "n / 2 | 2.5",
                "n / 0 | undefined",
                "n % 3 | 2",
                "-n % 3 | -2",
                "n % 0 | undefined",
                "0.1 + 0.2 = 0.3 | false",
                "-n | -5",
                "+s | undefined",
                "n + s | undefined",
                "s + s | undefined",
                "huge + 1 | undefined",
                "huge > 1 | true",
                // Functions.
                "is_defined(none[0]) | true",
                "is_defined(object) | true",
                "is_defined(missing) | false",
                "is_array(list) | true",
                "is_bool(t) | true",
                "is_null(none[0]) | true",
                "is_null(missing) | false",
                "is_number(n) | true",
                "is_number(six) | false",
                "is_object(object) | true",
                "is_primitive(none[0]) | true",
                "is_primitive(list) | false",
                "is_primitive(missing) | false",
                "is_string(s) | true",
                "array_contains(list, 2) | true",
                "array_contains(list, '2') | false",
                "array_contains(s, 't') | undefined",
                "array_contains(list, missing) | undefined",
                "starts_with(s, 'te') | true",
                "startswith(s, 'xt') | false",
                "endswith(s, 'xt') | true",
                "ends_with(n, '5') | undefined",
                "contains(s, 'ex') | true",
                "contains(s, '%') | false",
                "contains(s, missing) | undefined",
                "as_number(six) + 1 | 7",
                "as_number('1e2') = 100 | true",
                "as_number('abc') | undefined",
                "as_number(' 1') | undefined",
                "as_number(n) | undefined",
                "concat(s, '-', six) | `\"text-6\"`",
                "concat(s, n) | undefined",
                "length(s) | 4",
                "length(smile) | 3",
                "index_of(smile, 'a') | 1",
                "index_of(s, 'z') | -1",
                "substring(smile, 1) | `\"ab\"`",
                "substring(s, 1, 2) | `\"ex\"`",
                "substring(s, 9) | `\"\"`",
                "substring(s, -1) | undefined",
                "substring(s, 0.5) | undefined",
                "lower('ÄB') | `\"äb\"`",
                "upper('äb') | `\"ÄB\"`",
                "abs(-n) | 5",
                "sign(-n) | -1",
                "ceiling(half) | 1",
                "floor(-half) | -1",
                "square(n) | 25",
                "sqrt(n * n) | 5",
                "sqrt(-n) | undefined",
                "exp(0) | 1",
                "exp(701) | undefined",
                "power(2, 10) | 1024",
                "power(0, -1) | undefined",
                "power(-n, half) | undefined",
                "power(n, 999) | undefined",
            })
    void givenADocument_thenTheValue(String text, String json) {
        var value = Evaluator.evaluate(QueryParser.parseRouteCondition(text), DOCUMENT);
        assertThat(value == Value.UNDEFINED ? "undefined" : value.json()).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource({"t, true", "n = 5, true", "n, false", "missing, false", "NOT missing, false", "none[0], false"})
    void givenACondition_thenOnlyTrueMatches(String text, boolean matches) {
        assertThat(Evaluator.matches(QueryParser.parseRouteCondition(text), DOCUMENT))
                .isEqualTo(matches);
    }
}
