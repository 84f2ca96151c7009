package io.freehub.query;

import static io.freehub.query.QueryParser.parse;
import static io.freehub.query.QueryParser.parseCondition;
import static io.freehub.query.QueryParser.parseRouteCondition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.freehub.query.Expression.And;
import io.freehub.query.Expression.Arithmetic;
import io.freehub.query.Expression.Call;
import io.freehub.query.Expression.Comparison;
import io.freehub.query.Expression.Comparison.Operator;
import io.freehub.query.Expression.In;
import io.freehub.query.Expression.Literal;
import io.freehub.query.Expression.Not;
import io.freehub.query.Expression.Or;
import io.freehub.query.Query.Aggregate;
import io.freehub.query.Query.Aggregate.Kind;
import io.freehub.query.Query.Item;
import io.freehub.query.Query.Property;
import io.freehub.query.Query.Source;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParserTest {

    private static final Expression A = Path.of("tags", "a");

    @ParameterizedTest
    @ValueSource(
            strings = {"SELECT * FROM devices", "  select   *\n from\tDevices ", "/* all */ Select * From devices"})
    void givenAnyCaseAndSpace_thenAllDevices(String text) {
        assertThat(parse(text))
                .isEqualTo(new Query(
                        OptionalInt.empty(), List.of(), Source.DEVICES, Optional.empty(), List.of(), Optional.empty()));
    }

    @Test
    void givenAQueryWithEverything_thenEachPart() {
        var site = Path.of("tags", "site");
        var temperature = Path.of("properties", "reported", "temperature");
        assertThat(parse("SELECT TOP 5 tags.site AS site, AVG(properties.reported.temperature) AS t, COUNT()"
                        + " FROM devices WHERE tags.site IN ['a','b'] GROUP BY tags.site"))
                .isEqualTo(new Query(
                        OptionalInt.of(5),
                        List.of(
                                new Item(new Property(site), Optional.of("site")),
                                new Item(new Aggregate(Kind.AVG, Optional.of(temperature)), Optional.of("t")),
                                new Item(new Aggregate(Kind.COUNT, Optional.empty()), Optional.empty())),
                        Source.DEVICES,
                        Optional.of(new In(site, List.of(Value.of("a"), Value.of("b")), false)),
                        List.of(site),
                        Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "order by tags.site, false",
        "WHERE tags.order = 1 Order By tags.site ASC, false",
        "ORDER BY tags.site DESC, true",
    })
    void givenAnOrder_thenItsPropertyAndDirection(String end, boolean descending) {
        assertThat(parse("SELECT * FROM devices " + end).orderBy())
                .contains(new Query.Order(Path.of("tags", "site"), descending));
    }

    @Test
    void givenWordsOfAnOrder_thenTheyAreNamesToo() {
        var query = parse("SELECT order, tags.asc desc FROM devices WHERE order = 1 ORDER BY desc DESC");
        assertThat(query.keys()).containsExactly("order", "desc");
        assertThat(query.orderBy()).contains(new Query.Order(Path.of("desc"), true));
        assertThat(QueryParser.parseRouteCondition("order = 'x' AND asc = desc").text())
                .isEqualTo("(order = 'x') AND (asc = desc)");
    }

    @ParameterizedTest
    @CsvSource({
        "devices, DEVICES",
        "devices.modules, MODULES",
        "devices . modules, MODULES",
        "DEVICES.Jobs, JOBS",
    })
    void givenASource_thenIt(String text, Source source) {
        assertThat(parse("SELECT * FROM " + text).source()).isEqualTo(source);
    }

    @Test
    void givenItemsWithAndWithoutAlias_thenTheKeysOfARow() {
        assertThat(parse(
                                "SELECT DeviceId, LASTACTIVITYTIME Last, status AS [[a b]], tags.x.Y, tags.list[0], STATUS AS top"
                                        + " FROM devices")
                        .keys())
                .containsExactly("deviceId", "Last", "a b", "Y", "list", "top");
        assertThat(parse("SELECT COUNT(), SUM(version) AS n, COUNT(*), COUNT(1) FROM devices")
                        .keys())
                .containsExactly("$1", "n", "$3", "$4");
    }

    @ParameterizedTest
    @CsvSource({
        "DEVICEID, deviceId",
        "id, deviceId",
        "devices.deviceId, deviceId",
        "Devices.Modules.ModuleId, moduleId",
        "devices.jobs.createdTimeUtc, createdDateTimeUtc",
        "Properties.Desired.Some.Thing, properties.desired.Some.Thing",
        "TAGS.Site, tags.Site",
        "capabilities.IOTEDGE, capabilities.iotEdge",
        "outcome.devicemethodresponse.payload.X, outcome.deviceMethodResponse.payload.X",
        "statusUpdatedTime, statusUpdatedTime",
    })
    void givenARootInAnyCase_thenTheNameOfTheTwin(String text, String path) {
        assertThat(parseCondition(text)).isEqualTo(Path.of(path.split("\\.")));
    }

    @Test
    void givenARoute_thenThePathAsItStands() {
        assertThat(parseRouteCondition("$BODY.Weather.HistoricalData[0].Month"))
                .isEqualTo(new Path(List.of(
                        new Path.Name("$BODY"),
                        new Path.Name("Weather"),
                        new Path.Name("HistoricalData"),
                        new Path.Index(0),
                        new Path.Name("Month"))));
        assertThat(parseRouteCondition("$dt-dataschema")).isEqualTo(Path.of("$dt-dataschema"));
    }

    @Test
    void givenNamesInBrackets_thenAnyCharacters() {
        assertThat(parseCondition("tags.[[group]].[[my key]]")).isEqualTo(Path.of("tags", "group", "my key"));
        assertThat(parseCondition("tags['x.y]']")).isEqualTo(Path.of("tags", "x.y]"));
        assertThat(parseCondition("configurations.[[fw-channel]].status"))
                .isEqualTo(Path.of("configurations", "fw-channel", "status"));
        assertThat(parseCondition("tags.group.top.größe")).isEqualTo(Path.of("tags", "group", "top", "größe"));
    }

    @Test
    void givenAHyphen_thenSpacesMakeItAMinus() {
        assertThat(parseCondition("tags.a-b")).isEqualTo(Path.of("tags", "a-b"));
        assertThat(parseCondition("tags.a - b"))
                .isEqualTo(new Arithmetic(Arithmetic.Operator.SUBTRACT, A, Path.of("b")));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "'a', a",
                "\"a\", a",
                "|'it''s'|, it's",
                "|'it\\'s'|, it's",
                "'\\u0041\\t\\\\', |A\t\\|",
                "'\\\"\\/', \"/",
            })
    void givenAString_thenWhatItMeans(String text, String meant) {
        assertThat(parseCondition(text)).isEqualTo(new Literal(Value.of(meant)));
    }

    @ParameterizedTest
    @CsvSource({"12, 12", "1.50, 1.5", "-3, -3", "+3, 3", "1e2, 100", "1E-2, 0.01", "0x0A, 10", "-(0xff), -255"})
    void givenANumber_thenIt(String text, BigDecimal number) {
        assertThat(parseCondition(text)).isEqualTo(new Literal(new Value.Num(number)));
    }

    @Test
    void givenConstants_thenThem() {
        assertThat(parseCondition("TRUE")).isEqualTo(new Literal(Value.TRUE));
        assertThat(parseCondition("null")).isEqualTo(new Literal(Value.NULL));
        assertThat(parseCondition("Undefined")).isEqualTo(new Literal(Value.UNDEFINED));
        assertThat(parseCondition("[1, 'a', -2, false, null]"))
                .isEqualTo(new Literal(
                        new Value.Array(List.of(Value.of(1), Value.of("a"), Value.of(-2), Value.FALSE, Value.NULL))));
    }

    @Test
    void givenOperators_thenTheyBindByTheirPrecedence() {
        var b = Path.of("b");
        var isA = new Comparison(Operator.EQUAL, A, new Literal(Value.of(1)));
        assertThat(parseCondition("tags.a = 1 OR NOT tags.a = 1 AND b"))
                .isEqualTo(new Or(List.of(isA, new And(List.of(new Not(isA), b)))));
        assertThat(parseCondition("tags.a + b * -b < (tags.a - b) % b"))
                .isEqualTo(new Comparison(
                        Operator.LESS,
                        new Arithmetic(
                                Arithmetic.Operator.ADD,
                                A,
                                new Arithmetic(
                                        Arithmetic.Operator.MULTIPLY,
                                        b,
                                        new Arithmetic(Arithmetic.Operator.SUBTRACT, new Literal(Value.of(0)), b))),
                        new Arithmetic(
                                Arithmetic.Operator.REMAINDER, new Arithmetic(Arithmetic.Operator.SUBTRACT, A, b), b)));
        assertThat(parseCondition("b - b - tags.a"))
                .isEqualTo(new Arithmetic(
                        Arithmetic.Operator.SUBTRACT, new Arithmetic(Arithmetic.Operator.SUBTRACT, b, b), A));
    }

    @Test
    void givenListsAndFunctions_thenInAnySpelling() {
        var one = List.<Value>of(Value.of(1));
        assertThat(parseCondition("tags.a nin [1]")).isEqualTo(new In(A, one, true));
        assertThat(parseCondition("tags.a NOT IN [1]")).isEqualTo(new In(A, one, true));
        assertThat(parseCondition("tags.a in []")).isEqualTo(new In(A, List.of(), false));
        assertThat(parseCondition("startswith(tags.a, 'x')"))
                .isEqualTo(parseCondition("Starts_With(tags.a, 'x')"))
                .isEqualTo(new Call(Function.STARTS_WITH, List.of(A, new Literal(Value.of("x")))));
    }

    /** Texts that clients send. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT deviceId as DeviceId, status as Status, statusUpdatedTime as StatusUpdatedTime,\n"
                        + " capabilities.iotEdge as IotEdge, modelId as ModelId FROM devices\n"
                        + " WHERE (capabilities.iotEdge=true AND status='enabled') AND STARTSWITH(devices.deviceId, 'dev')",
                "SELECT * FROM devices WHERE STARTSWITH(id, 'myPrefix')",
                "select deviceId from devices where not startswith(deviceId, 'keep') and not startswith(deviceId, 'prod')",
                "select deviceId from devices where array_contains(parentScopes, 'ms-azure-iot-edge://gw-638')",
                "SELECT * FROM devices.modules WHERE deviceId in ['d1']",
                "select * from devices.modules where devices.deviceId = 'd1'",
                "SELECT * FROM devices.modules WHERE moduleId = '$edgeAgent' AND connectionState = 'Connected'",
                "SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = 'd1' AND devices.jobs.jobType ="
                        + " 'scheduleTwinUpdate' AND devices.jobs.createdTimeUtc > '2016-09-01'",
                "SELECT properties.reported.telemetryConfig.status AS status, COUNT() AS numberOfDevices FROM devices"
                        + " GROUP BY properties.reported.telemetryConfig.status",
                "SELECT * FROM devices WHERE NOT is_defined(tags.owner)",
                "select deviceId from devices.modules where moduleId = '$edgeAgent' and"
                        + " configurations.[[c12]].status = 'Applied' and properties.desired.$version ="
                        + " properties.reported.lastDesiredVersion and properties.reported.lastDesiredStatus.code = 200",
                "SELECT * FROM devices WHERE (tags.building = 9 OR tags.building = 0x0A) AND tags.environment = \"test\"",
            })
    void givenTheTextOfAClient_thenItIsRead(String text) {
        var query = parse(text);
        assertThat(parse(query.text())).isEqualTo(query);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELEC nonsense | 1 | 1 | unexpected 'SELEC', expected 'SELECT'",
                "SELECT FROM devices | 1 | 8 | unexpected 'FROM', expected '*' or 'TOP' or a name",
                "SELECT * FROM devices WHERE | 1 | 28 | the text ends here, expected a property, a value, a function or '(' or 'NOT'",
                "SELECT * FROM devices WHERE tags.a = = 1 | 1 | 38 | unexpected '=', expected a property, a value, a function or '('",
                "SELECT COUNT() FROM devices ORDER BY tags.a | 1 | 29 | rows that stand for several records cannot be ordered",
                "SELECT * FROM devices ORDER tags.a | 1 | 29 | unexpected 'tags', expected 'BY'",
                "SELECT * FROM devices WHERE tags. = 1 | 1 | 35 | unexpected '=', expected a name",
                "SELECT * FROM nowhere | 1 | 15 | there is no 'nowhere' to select from, expected devices, devices.modules or devices.jobs",
                "SELECT * FROM devices WHERE tags.a = 'x | 1 | 38 | the string that begins here has no end",
                "SELECT * FROM devices WHERE tags.a ? 1 | 1 | 36 | unexpected '?'",
                "SELECT * FROM devices WHERE length(tags.a, 1) = 2 | 1 | 29 | length takes 1 argument, not 2",
                "SELECT * FROM devices WHERE foo(tags.a) | 1 | 29 | there is no function 'foo'",
                "SELECT * FROM devices WHERE count() > 1 | 1 | 29 | count can only be selected, not be part of a condition",
                "SELECT * FROM devices WHERE is_defined('a') | 1 | 40 | is_defined takes a property",
                "SELECT lower(tags.a) FROM devices | 1 | 8 | 'lower' cannot be selected, expected a property, COUNT, AVG, SUM, MIN or MAX",
                "SELECT AVG() FROM devices | 1 | 8 | AVG takes a property",
                "SELECT tags.site, COUNT() AS n FROM devices | 1 | 8 | a property beside COUNT, AVG, SUM, MIN or MAX must be one that the query groups by",
                "SELECT * FROM devices GROUP BY tags.site | 1 | 8 | * cannot be grouped; select what the query groups by, or COUNT, AVG, SUM, MIN, MAX",
                "SELECT jobId FROM devices.jobs | 1 | 8 | devices.jobs can only be asked for *, without GROUP BY",
                "SELECT * FROM devices.jobs WHERE tags.a = 1 | 1 | 34 | a condition on devices.jobs cannot ask for what is of a twin",
                "SELECT * FROM devices.jobs WHERE jobId = 'a' OR connectionState = 'b' | 1 | 34 | a condition on devices.jobs cannot ask for what is of a twin",
                "SELECT COUNT() AS n FROM devices.jobs | 1 | 8 | devices.jobs can only be asked for *, without GROUP BY",
                "SELECT * FROM devices.jobs ORDER BY jobId | 1 | 28 | devices.jobs come in the order of jobs, and of devices in each",
                "SELECT TOP 0 deviceId FROM devices | 1 | 12 | TOP takes a count from 1 to 999999999",
                "SELECT * FROM devices WHERE a = 1e400 | 1 | 33 | the number is out of range",
                "SELECT * FROM devices WHERE a = '\\q' | 1 | 33 | the escape \\q is unknown; there are \\' \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
                "SELECT * FROM devices WHERE a = '\\u0000' | 1 | 33 | a string holds neither NUL nor half of a surrogate pair",
                "SELECT * FROM devices WHERE a[1.5] = 1 | 1 | 31 | expected a position from 0 to 999999999",
            })
    void givenAFault_thenItsPlaceAndWhatWasExpected(String text, int line, int column, String problem) {
        assertThatExceptionOfType(QueryException.class)
                .isThrownBy(() -> parse(text))
                .withMessage("line %d, column %d: %s", line, column, problem)
                .satisfies(e -> assertThat(e.line()).isEqualTo(line))
                .satisfies(e -> assertThat(e.column()).isEqualTo(column));
    }

    @Test
    void givenAFaultInALaterLine_thenThatLine() {
        assertThatExceptionOfType(QueryException.class)
                .isThrownBy(() -> parse("SELECT *\nFROM devices\n  WHERE 😀 = §§ ="))
                .withMessage(
                        "line 3, column 16: unexpected '=', expected the end or 'GROUP' or 'ORDER' or an operator");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "SELECT", "SELECT * FROM devices; DROP", "SELECT *, a FROM devices"})
    void givenWhatIsNoQuery_thenRefused(String text) {
        assertThatExceptionOfType(QueryException.class).isThrownBy(() -> parse(text));
    }

    @Test
    void givenTextsAtTheLimits_thenReadOrRefused() {
        var select = "SELECT * FROM devices WHERE a = '";
        var longest = select + "x".repeat(QueryParser.MAX_LENGTH - select.length() - 1) + "'";
        assertThat(parse(longest).where()).isPresent();
        refused(longest + " ", "the text has 8193 characters, at most 8192 are allowed");

        assertThat(parseCondition("(".repeat(100) + "a" + ")".repeat(100))).isEqualTo(Path.of("a"));
        refused("(".repeat(101) + "a" + ")".repeat(101), "brackets are nested deeper than 100");
        refused("(".repeat(8000), "brackets are nested deeper than 100");
        assertThat(parseCondition("NOT ".repeat(99) + "a")).isInstanceOf(Not.class);
        refused("NOT ".repeat(100) + "a", "the condition is nested deeper than 100");
        assertThat(parseCondition("a" + " + a".repeat(99))).isInstanceOf(Arithmetic.class);
        refused("a" + " + a".repeat(100), "the condition is nested deeper than 100");
        refused("1" + "-1".repeat(4000), "the condition is nested deeper than 100");

        assertThat(((Or) parseCondition("a" + " OR a".repeat(999))).operands()).hasSize(1000);
        refused("a" + " OR a".repeat(1000), "too many operands of OR, at most 1000 are allowed");
        refused("a IN [1" + ",1".repeat(1000) + "]", "too many constants in square brackets, at most 1000 are allowed");
        assertThat(parseCondition("a" + ".a".repeat(31))).isInstanceOf(Path.class);
        refused("a" + ".a".repeat(32), "a property lies at most 32 steps deep");
    }

    private static void refused(String condition, String problem) {
        assertThatExceptionOfType(QueryException.class)
                .isThrownBy(() -> parseCondition(condition))
                .withMessageEndingWith(problem);
    }
}
