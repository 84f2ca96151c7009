package io.freehub.twin.configuration;

import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The configurations that there are, read again only when one was changed: to parse a hundred takes longer than a page. */
@ApplicationScoped
class InForce {

    /**
     * All that there are.
     *
     * @param byPriority the prevailing ones last
     */
    record All(List<Configuration> byPriority, Map<String, Configuration> byId) {

        private static final All NONE = of(List.of());

        static All of(List<Configuration> byPriority) {
            return new All(
                    List.copyOf(byPriority),
                    byPriority.stream().collect(Collectors.toUnmodifiableMap(Configuration::id, Function.identity())));
        }

        boolean isEmpty() {
            return byPriority.isEmpty();
        }

        /** Whether reported properties decide of one who has it. */
        boolean asksForReported() {
            return byPriority.stream()
                    .anyMatch(configuration -> configuration.target().asksForReported());
        }

        private Map<String, Long> versions() {
            return byPriority.stream().collect(Collectors.toMap(Configuration::id, Configuration::version));
        }
    }

    private volatile All last = All.NONE;

    /** Those that stay in force until the transaction ends. */
    All hold(Connection connection) throws SQLException {
        ConfigurationTable.hold(connection);
        var known = last;
        // A new configuration begins to count anywhere, so a version is not used twice.
        if (!ConfigurationTable.versions(connection).equals(known.versions())) {
            known = All.of(ConfigurationTable.all(connection));
            known.byPriority().stream()
                    .filter(configuration -> !configuration.isUnderstood())
                    .forEach(configuration -> Log.errorf(
                            "configuration not understood, twins keep what they have of it configuration=%s",
                            configuration.id()));
            last = known;
        }
        return known;
    }
}
