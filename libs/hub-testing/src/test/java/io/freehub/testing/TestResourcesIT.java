package io.freehub.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestResourcesIT {

    @Test
    void givenKafkaResource_whenStartedTwice_thenBothHaveTheSameBroker() {
        var first = new KafkaResource().start().get("kafka.bootstrap.servers");
        var second = new KafkaResource().start().get("kafka.bootstrap.servers");

        assertThat(second).isEqualTo(first).isEqualTo(TestKafka.bootstrapServers());
    }

    @Test
    void givenPostgresResource_whenStarted_thenItsConfigurationOpensTheNamedDatabase() throws SQLException {
        var resource = new PostgresResource();
        resource.init(Map.of("database", "registry"));

        var config = resource.start();

        assertThat(config.get("quarkus.datasource.jdbc.url"))
                .isEqualTo("jdbc:" + config.get("quarkus.datasource.reactive.url"));
        try (var connection = DriverManager.getConnection(
                        config.get("quarkus.datasource.jdbc.url"),
                        config.get("quarkus.datasource.username"),
                        config.get("quarkus.datasource.password"));
                var result = connection.createStatement().executeQuery("select current_database()")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).isEqualTo("registry");
        }
    }
}
