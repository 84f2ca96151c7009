package io.freehub.twin.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.model.TwinRequest;
import io.freehub.store.Outbox;
import io.freehub.testing.TestPostgres;
import io.freehub.twin.twin.TwinTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.flywaydb.core.Flyway;

/** Whatever a device reports, the real tables take what the rules let pass: nothing would hold up those that come after. */
class AnyReportIT {

    private static final IdentityId DEVICE = IdentityId.parse("d-any");
    private static final String QUOTED = "\"%s\"";

    private static Connection database;

    @BeforeContainer
    static void migrate() throws SQLException {
        var at = TestPostgres.database("any_report");
        Flyway.configure()
                .dataSource(at.jdbcUrl(), TestPostgres.USER, TestPostgres.PASSWORD)
                .locations("db/store", "db/migration")
                .load()
                .migrate();
        database = at.connect();
        database.setAutoCommit(false);
        try (var insert = database.createStatement()) {
            insert.execute("insert into twin (id, generation, version, writes, tags, desired, desired_metadata,"
                    + " desired_version, reported, reported_metadata, reported_version) values ('" + DEVICE
                    + "', 1, 1, 1, '{}', '{}', '{\"$lastUpdated\":\"0001-01-01T00:00:00Z\"}', 1, '{}',"
                    + " '{\"$lastUpdated\":\"0001-01-01T00:00:00Z\"}', 1)");
        }
        database.commit();
    }

    @AfterContainer
    static void close() throws SQLException {
        database.close();
    }

    @Property
    void theDatabaseTakesWhatTheRulesLetPass(@ForAll("patches") String patch, @ForAll("ids") String requestId)
            throws SQLException {
        var savepoint = database.setSavepoint();
        var from = new SessionAddress(DEVICE, "session", 0);
        var answers = new Answers(TwinTable.lock(database, List.of(DEVICE)), Map.of(), Instant.EPOCH);

        answers.answer(new TwinRequest.Report(from, "1", requestId, patch, Optional.empty(), Instant.EPOCH));
        answers.answer(new TwinRequest.Get(from, "1", requestId, Instant.EPOCH));

        TwinTable.saveReported(database, answers.changed());
        new Outbox().add(database, answers.records());
        // A report that counts is told of, too.
        boolean counts = answers.counted().getFirst().success();
        assertThat(answers.records()).hasSize(counts ? 3 : 2);
        assertThat(TwinTable.lock(database, List.of(DEVICE))
                        .get(DEVICE)
                        .twin()
                        .reported()
                        .version())
                .isEqualTo(counts ? 2 : 1);
        database.rollback(savepoint);
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.oneOf(characters(), Arbitraries.of("\u0000", "\u0001"))
                .list()
                .ofMaxSize(10)
                .map(texts -> String.join("", texts));
    }

    @Provide
    Arbitrary<String> patches() {
        var any = object(2);
        var deep = Combinators.combine(Arbitraries.integers().between(0, 110), Arbitraries.of("{\"a\":", "["), leaf())
                .as((depth, open, leaf) ->
                        "{\"d\":" + open.repeat(depth) + leaf + (open.equals("[") ? "]" : "}").repeat(depth) + "}");
        var long_ = Combinators.combine(small(), Arbitraries.of(1, 100, 4_000, 30_000))
                .as((leaf, times) -> "{\"l\":[" + (leaf + ",").repeat(times) + "0]}");
        var wide = Combinators.combine(small(), Arbitraries.of(10, 1_000, 6_000))
                .as((leaf, times) -> {
                    var members = new StringBuilder("{\"w\":0");
                    for (int i = 0; i < times; i++) {
                        members.append(",\"").append(i).append("\":").append(leaf);
                    }
                    return members.append('}').toString();
                });
        return Arbitraries.frequencyOf(Tuple.of(20, any), Tuple.of(4, deep), Tuple.of(1, long_), Tuple.of(1, wide));
    }

    private static Arbitrary<String> object(int depth) {
        return Combinators.combine(string(), value(depth))
                .as((name, value) -> name + ":" + value)
                .list()
                .ofMaxSize(4)
                .map(members -> "{" + String.join(",", members) + "}");
    }

    private static Arbitrary<String> value(int depth) {
        return depth == 0
                ? leaf()
                : Arbitraries.oneOf(
                        leaf(),
                        leaf().list().ofMaxSize(3).map(items -> "[" + String.join(",", items) + "]"),
                        object(depth - 1));
    }

    private static Arbitrary<String> leaf() {
        return Arbitraries.oneOf(string(), number(), small());
    }

    private static Arbitrary<String> small() {
        return Arbitraries.of("true", "false", "null", "{}", "[]", "[[]]", "0", "-1.5", "1e300", "\"\"", "\"\\u0007\"");
    }

    /** Short ones and ones near the limits of keys, of values and of what an index takes. */
    private static Arbitrary<String> string() {
        var short_ = characters().list().ofMaxSize(6).map(texts -> QUOTED.formatted(String.join("", texts)));
        var long_ = Combinators.combine(characters(), Arbitraries.of(124, 126, 512, 1024, 1365, 2048, 4096, 4097))
                .as((text, times) -> QUOTED.formatted(text.repeat(times)));
        return Arbitraries.frequencyOf(Tuple.of(9, short_), Tuple.of(1, long_));
    }

    /** As they stand in JSON, some escaped. */
    private static Arbitrary<String> characters() {
        return Arbitraries.oneOf(
                Arbitraries.chars().range('a', 'z').map(String::valueOf),
                Arbitraries.of(
                        "\\u0000",
                        "\\u0001",
                        "\\u001f",
                        "\\u007f",
                        "\\u0085",
                        "\\ud83d",
                        "\\ude00",
                        "\\ud83d\\ude00",
                        "\\uffff",
                        "\\ufffe",
                        "\\u2028",
                        "\\\\",
                        "\\\"",
                        "\\/",
                        "\\\\u0000",
                        "'",
                        "%",
                        "\u007f",
                        "\u00a0",
                        "\ufeff",
                        "\uffff",
                        "\ud83d\ude00",
                        "e\u0301",
                        "$",
                        ".",
                        "#",
                        " ",
                        "ß",
                        "\\n"),
                Arbitraries.chars().range('\u00a1', '\ud7ff').map(String::valueOf));
    }

    private static Arbitrary<String> number() {
        var digits = Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(40);
        var integer = Arbitraries.oneOf(
                Arbitraries.of("0", "4503599627370495", "4503599627370496"), digits.map(AnyReportIT::trim));
        var fraction = Arbitraries.oneOf(Arbitraries.of("", ".0", ".5"), digits.map(text -> "." + text));
        var exponent = Combinators.combine(
                        Arbitraries.of("e", "E", "e+", "e-", "E-"),
                        Arbitraries.of(
                                "0",
                                "00",
                                "5",
                                "0005",
                                "307",
                                "308",
                                "309",
                                "323",
                                "324",
                                "325",
                                "16383",
                                "131072",
                                "2147483648",
                                "99999999999999999999"))
                .as(String::concat);
        return Combinators.combine(
                        Arbitraries.of("", "-"), integer, fraction, Arbitraries.oneOf(Arbitraries.just(""), exponent))
                .as((sign, whole, part, power) -> sign + whole + part + power);
    }

    private static String trim(String digits) {
        var trimmed = digits.replaceFirst("^0+", "");
        return trimmed.isEmpty() ? "0" : trimmed;
    }
}
