package io.freehub.query;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.query.Columns.Column;
import io.freehub.query.Query.Aggregate;
import io.freehub.query.Query.Property;
import io.freehub.testing.TestPostgres;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Provide;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PostgreSQL and the evaluator agree, on rows and queries by chance and on those that are known to be hard. */
class SqlTranslationIT {

    private static final int ROWS = 150;
    private static final Columns COLUMNS = SqlTranslationIT::column;
    private static final List<Value.Members> TWINS = twins();
    private static final SqlClient POSTGRES = postgres();

    /** The columns of a table that is as a table of twins might be. */
    private static Optional<Column> column(Path path) {
        if (path.startsWith("tags")) {
            return Optional.of(Column.indexedJson("tags", path.after(1)));
        }
        if (path.startsWith("properties", "reported")) {
            return Optional.of(Column.indexedJson("reported", path.after(2)));
        }
        if (path.equals(Path.of("deviceId"))) {
            return Optional.of(Column.text("device_id"));
        }
        if (path.equals(Path.of("status"))) {
            return Optional.of(Column.text("status"));
        }
        if (path.equals(Path.of("version"))) {
            return Optional.of(Column.number("version"));
        }
        return path.equals(Path.of("capabilities", "iotEdge")) ? Optional.of(Column.bool("edge")) : Optional.empty();
    }

    /** Twins by chance, the same in each run. Each lacks something. */
    private static List<Value.Members> twins() {
        var random = new Random(42);
        var objects = Generated.objects(3).generator(1000);
        var twins = new ArrayList<Value.Members>();
        for (var i = 0; i < ROWS; i++) {
            var twin = new HashMap<String, Value>();
            twin.put(
                    "deviceId", Value.of(List.of("", "a", "ab", "B", "10", "😀").get(i % 6) + (i < 6 ? "" : i)));
            twin.put("version", Value.of(i % 12));
            if (i % 3 != 0) {
                twin.put("status", Value.of(i % 2 == 0 ? "a" : "ab"));
            }
            if (i % 5 != 0) {
                twin.put("capabilities", new Value.Members(Map.of("iotEdge", Value.of(i % 2 == 0))));
            }
            if (i % 7 != 0) {
                twin.put("tags", objects.next(random).value());
            }
            twin.put(
                    "properties",
                    new Value.Members(Map.of("reported", objects.next(random).value())));
            twins.add(new Value.Members(twin));
        }
        return twins;
    }

    private static SqlClient postgres() {
        var database = TestPostgres.database("query");
        var options = PgConnectOptions.fromUri(database.reactiveUrl().replace("vertx-reactive:", ""))
                .setUser(TestPostgres.USER)
                .setPassword(TestPostgres.PASSWORD);
        var client = PgBuilder.client()
                .with(new PoolOptions().setMaxSize(1))
                .connectingTo(options)
                .using(Vertx.vertx())
                .build();
        run(client, "DROP TABLE IF EXISTS twin", List.of());
        run(
                client,
                "CREATE TABLE twin (id int PRIMARY KEY, device_id text COLLATE \"C\", status text, version bigint,"
                        + " edge boolean, tags jsonb, reported jsonb)",
                List.of());
        for (var i = 0; i < ROWS; i++) {
            var twin = Document.of(TWINS.get(i));
            run(
                    client,
                    "INSERT INTO twin VALUES ($1, $2, ($3::text)::jsonb #>> '{}', $4, ($5::text)::jsonb::boolean,"
                            + " ($6::text)::jsonb, ($7::text)::jsonb)",
                    Arrays.asList(
                            i,
                            ((Value.Text) twin.at(Path.of("deviceId"))).value(),
                            json(twin.at(Path.of("status"))),
                            ((Value.Num) twin.at(Path.of("version"))).value().longValueExact(),
                            json(twin.at(Path.of("capabilities", "iotEdge"))),
                            json(twin.at(Path.of("tags"))),
                            json(twin.at(Path.of("properties", "reported")))));
        }
        return client;
    }

    private static String json(Value value) {
        return value == Value.UNDEFINED ? null : value.json();
    }

    private static List<Row> run(SqlClient client, String sql, List<?> parameters) {
        try {
            var rows = new ArrayList<Row>();
            client.preparedQuery(sql)
                    .execute(Tuple.wrap(new ArrayList<Object>(parameters)))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS)
                    .forEach(rows::add);
            return rows;
        } catch (Exception e) {
            throw new AssertionError(sql + "\n" + parameters, e);
        }
    }

    /** The condition's truth value for each row: as PostgreSQL has it, null if undefined. */
    private static List<Boolean> inSql(Expression condition) {
        var translation = SqlTranslation.of(condition, COLUMNS);
        return run(POSTGRES, "SELECT " + translation.where() + " FROM twin ORDER BY id", translation.parameters())
                .stream()
                .map(row -> row.getBoolean(0))
                .toList();
    }

    private static List<Boolean> inMemory(Expression condition) {
        return TWINS.stream()
                .map(twin -> Evaluator.evaluate(condition, Document.of(twin)) instanceof Value.Bool(var truth)
                        ? (Boolean) truth
                        : null)
                .toList();
    }

    @net.jqwik.api.Property(tries = 1500)
    @Label("PostgreSQL and the evaluator find the same truth value, for every condition and row")
    void agreeOnTruth(@ForAll("conditions") Expression condition) {
        assertThat(inSql(condition)).isEqualTo(inMemory(condition));
    }

    @net.jqwik.api.Property(tries = 1500)
    @Label("The condition for indexes is true of every row for which the condition is")
    void agreeOnCandidates(@ForAll("conditions") Expression condition) {
        var candidates = SqlTranslation.candidates(condition, COLUMNS);
        if (candidates.isEmpty()) {
            return;
        }
        var found = run(
                        POSTGRES,
                        "SELECT coalesce(" + candidates.get().necessary() + ", FALSE) FROM twin ORDER BY id",
                        candidates.get().parameters())
                .stream()
                .map(row -> row.getBoolean(0))
                .toList();
        var expected = inMemory(condition);
        for (var i = 0; i < ROWS; i++) {
            assertThat(found.get(i) || !Boolean.TRUE.equals(expected.get(i)))
                    .as("%s on %s", condition.text(), TWINS.get(i))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tags.a = 1 | (tags @> ($1::text)::jsonb)",
                "'x' = properties.reported.a.b AND version > 1 | ((reported @> ($1::text)::jsonb))",
                "tags.a IN [1, 'b'] | ((tags @> ($1::text)::jsonb) OR (tags @> ($2::text)::jsonb))",
                "is_defined(tags.a.b) | (tags ? $1::text)",
                "array_contains(tags.a, 'x') | (tags @> ($1::text)::jsonb)",
                "tags.a = 1 OR tags.b | ((tags @> ($1::text)::jsonb) OR (tags @> ($2::text)::jsonb))",
                "tags.a = 1 OR version = 1 |",
                "NOT tags.a = 1 |",
                "tags.a[0] = 1 |",
                "tags.a != 1 |",
                "tags.a NIN [1] |",
                "tags = 1 |",
            })
    void givenACondition_thenTheOneForIndexes(String text, String expected) {
        var candidates = SqlTranslation.candidates(QueryParser.parseCondition(text), COLUMNS);
        assertThat(candidates.map(SqlTranslation::necessary)).isEqualTo(Optional.ofNullable(expected));
    }

    @net.jqwik.api.Property(tries = 500)
    @Label("PostgreSQL selects, groups and counts what the evaluator would")
    void agreeOnRows(@ForAll("queries") Query query) {
        if (query.selectsAll() || query.orderBy().isPresent()) {
            return;
        }
        var translation = SqlTranslation.indexed(query, COLUMNS);
        var rows = run(POSTGRES, translation.select("twin"), translation.parameters());
        var matching = TWINS.stream()
                .map(Document::of)
                .filter(twin -> query.where().stream().allMatch(where -> Evaluator.matches(where, twin)))
                .toList();
        var groups = !query.isAggregated()
                ? matching.stream().map(List::of).toList()
                : query.groupBy().isEmpty()
                        ? List.of(matching)
                        : List.copyOf(matching.stream()
                                .collect(groupingBy(twin ->
                                        query.groupBy().stream().map(twin::at).toList()))
                                .values());
        var expected =
                sorted(groups.stream().map(group -> expected(query, group)).toList());
        var actual = sorted(rows.stream().map(SqlTranslationIT::texts).toList());
        assertThat(actual).isEqualTo(expected);
    }

    /** Rows as text, for PostgreSQL has its own way to write the same JSON: numbers lose their trailing zeros. */
    private static List<String> texts(Row row) {
        var texts = new ArrayList<String>();
        for (var i = 0; i < row.size(); i++) {
            texts.add(normal(row.getString(i)));
        }
        return texts;
    }

    private static String normal(String json) {
        if (json == null) {
            return "undefined";
        }
        // The mean of numbers has as many digits as PostgreSQL likes.
        if (json.matches("-?[0-9].*")) {
            return new BigDecimal(json)
                    .round(new MathContext(10))
                    .stripTrailingZeros()
                    .toString();
        }
        var canonical = run(POSTGRES, "SELECT (($1::text)::jsonb)::text", List.of(json))
                .getFirst()
                .getString(0);
        return canonical.replaceAll("(\\.[0-9]*?)0+(?![0-9])", "$1").replaceAll("\\.(?![0-9])", "");
    }

    private static List<String> expected(Query query, Collection<Document> group) {
        return query.items().stream()
                .map(item -> switch (item.selected()) {
                    case Property(var path) ->
                        normal(json(group.iterator().next().at(path)));
                    case Aggregate(var kind, var of) -> normal(json(figure(kind, of, group)));
                })
                .toList();
    }

    private static Value figure(Aggregate.Kind kind, Optional<Path> of, Collection<Document> group) {
        var values = group.stream()
                .map(twin -> of.map(twin::at).orElse(Value.TRUE))
                .filter(value -> value != Value.UNDEFINED)
                .toList();
        var numbers = values.stream()
                .filter(Value.Num.class::isInstance)
                .map(value -> ((Value.Num) value).value())
                .sorted()
                .toList();
        var computable = numbers.stream()
                .filter(number -> Evaluator.evaluate(
                                new Expression.Call(
                                        Function.ABS, List.of(new Expression.Literal(new Value.Num(number)))),
                                path -> Value.UNDEFINED)
                        != Value.UNDEFINED)
                .toList();
        var sum = computable.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        var texts = values.stream()
                .filter(Value.Text.class::isInstance)
                .sorted(Comparator.comparing(value -> ((Value.Text) value).value(), SqlTranslationIT::byBytes))
                .toList();
        return switch (kind) {
            case COUNT -> Value.of(values.size());
            case SUM -> new Value.Num(sum);
            case AVG ->
                computable.isEmpty()
                        ? Value.UNDEFINED
                        : new Value.Num(sum.divide(BigDecimal.valueOf(computable.size()), new MathContext(400)));
            case MIN ->
                !numbers.isEmpty()
                        ? new Value.Num(numbers.getFirst())
                        : texts.isEmpty() ? Value.UNDEFINED : texts.getFirst();
            case MAX ->
                !numbers.isEmpty()
                        ? new Value.Num(numbers.getLast())
                        : texts.isEmpty() ? Value.UNDEFINED : texts.getLast();
        };
    }

    private static int byBytes(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static List<List<String>> sorted(List<List<String>> rows) {
        return rows.stream().sorted(Comparator.comparing(Object::toString)).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tags.a != 1",
                "NOT is_defined(tags.a) OR tags.a != 1",
                "deviceId IN ['a', 'b', 1] OR deviceId NIN ['a', 'b', 1]",
                "status NIN [1, 2]",
                "capabilities.iotEdge",
                "tags.a < '\uFFFD'",
                "startswith(tags.a, '%') OR contains(deviceId, '_')",
                "square(square(square(version))) / 0.1 - version % 3 > 7",
                "tags.[[x'; DROP TABLE twin; --]] = '''; DROP TABLE twin; --'",
                "properties.reported.a = tags.a",
                "array_contains(['a', 'ab'], status)",
                "as_number(concat(status, '1')) = 1",
            })
    void givenACondition_thenTheEvaluatorAgrees(String text) {
        var condition = QueryParser.parseCondition(text);
        assertThat(inSql(condition)).isEqualTo(inMemory(condition));
    }

    /** What is nested or long as far as the parser lets it still is planned and run. */
    @ParameterizedTest
    @CsvSource({
        "square(, version, ), 99",
        "'power(1, ', version, ), 99",
        "'power(', version, ', 1)', 99",
        "'concat(deviceId, ', deviceId, ), 99",
        "lower(, deviceId, ), 99",
        "'substring(', deviceId, ', 0)', 99",
        "as_number(, deviceId, ), 99",
        "'array_contains(tags.a, ', tags.b, ), 99",
        "'(version = ', version, ), 99",
        "'(tags.a = ', tags.b, ), 99",
        "'(1 IN [1] AND ', true, ), 98",
        "'tags.a = 1 OR ', false, '', 570",
        "'version + ', version, '', 99",
        "'-(', version, ')', 99",
    })
    void givenTheDeepestAndLongest_thenTheEvaluatorAgrees(String before, String middle, String after, int times) {
        var condition = QueryParser.parseCondition(before.repeat(times)
                + middle
                + Objects.requireNonNullElse(after, "").repeat(times));
        assertThat(inSql(condition)).isEqualTo(inMemory(condition));
        var comparison = new Expression.Comparison(
                Expression.Comparison.Operator.GREATER, condition, new Expression.Literal(Value.of(1)));
        assertThat(inSql(comparison)).isEqualTo(inMemory(comparison));
    }

    @Test
    void givenGroups_thenOneRowEachAndOneForThoseWithoutTheKey() {
        var query = QueryParser.parse("SELECT status, COUNT() AS n FROM devices WHERE version < 6 GROUP BY status");
        var translation = SqlTranslation.of(query, COLUMNS);
        assertThat(query.keys()).containsExactly("status", "n");
        assertThat(run(POSTGRES, translation.select("twin"), translation.parameters()))
                .extracting(row -> row.getString(0), row -> Integer.parseInt(row.getString(1)) > 0)
                .containsExactlyInAnyOrder(
                        Assertions.tuple("\"a\"", true),
                        Assertions.tuple("\"ab\"", true),
                        Assertions.tuple(null, true));
    }

    @Test
    void givenNoRows_thenOneRowOfFigures() {
        var translation = SqlTranslation.of(
                QueryParser.parse("SELECT COUNT(), SUM(version), AVG(version), MIN(status) FROM devices WHERE false"),
                COLUMNS);
        var rows = run(POSTGRES, translation.select("twin"), translation.parameters());
        assertThat(rows).singleElement().satisfies(row -> assertThat(texts(row))
                .containsExactly("0", "0", "undefined", "undefined"));
    }

    @Test
    void givenFunctionsOfReals_thenTheyAgreeToTheLastDigits() {
        for (var text : List.of("exp(1.5)", "power(2, 0.5)", "power(10, 149)", "sqrt(2)", "1 / 3")) {
            var expression = QueryParser.parseCondition(text);
            var expected = ((Value.Num) Evaluator.evaluate(expression, path -> Value.UNDEFINED)).value();
            for (var factor : List.of("0.99999999999999", "1.00000000000001")) {
                var bound = new Expression.Literal(new Value.Num(expected.multiply(new BigDecimal(factor))));
                var operator = factor.startsWith("0")
                        ? Expression.Comparison.Operator.GREATER
                        : Expression.Comparison.Operator.LESS;
                assertThat(inSql(new Expression.Comparison(operator, expression, bound)))
                        .as(text)
                        .containsOnly(true);
            }
        }
    }

    /** What came from the text is nowhere in the SQL. */
    @Test
    void givenAText_thenOnlyParametersHoldIt() {
        var translation = SqlTranslation.of(
                QueryParser.parse(
                        "SELECT tags.secret1 AS secret2 FROM devices WHERE tags['secret3'] = 'secret4'"
                                + " AND status IN ['secret5'] AND 66666 = version AND array_contains(['secret6'], tags.x[77777])"),
                COLUMNS);
        assertThat(translation.select("twin")).doesNotContain("secret", "66666", "77777");
        assertThat(translation.parameters()).contains("secret1", "secret3", "secret4", 77777, "[\"secret6\"]");
    }

    @Provide
    Arbitrary<Expression> conditions() {
        return Generated.expressions(4);
    }

    @Provide
    Arbitrary<Query> queries() {
        return Generated.queries();
    }
}
