package io.freehub.registry.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.LogKeys;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log says of a refused request. */
@RegistryTest
class LogContextIT {

    private static final Logger LOGGER = Logger.getLogger("io.freehub.service.http.ErrorMapper");

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final List<ExtLogRecord> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            var copy = ExtLogRecord.wrap(line);
            copy.copyMdc();
            lines.add(copy);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stop() {
        LOGGER.removeHandler(handler);
    }

    @Test
    void givenRefusedRequest_whenAnswered_thenOneLineWithDeviceAndCorrelationId() {
        var id = BackEnd.newId();

        var answer = BackEnd.of(port, "iothubowner")
                .send("GET", "/devices/" + id, null, "x-ms-client-request-id", "order-4711");

        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getMdc(LogKeys.DEVICE_ID)).isEqualTo(id);
            assertThat(line.getMdc(LogKeys.CORRELATION_ID)).isEqualTo("order-4711");
            assertThat(line.getFormattedMessage())
                    .contains("error=DeviceNotFound status=404", "requestId=" + answer.header("x-ms-request-id"));
        });
    }

    @Test
    void givenCorrelationIdThatWouldForgeALine_whenLogged_thenTheHubsOwnInstead() {
        var answer = BackEnd.of(port, "iothubowner")
                .send("GET", "/devices/" + BackEnd.newId(), null, "x-ms-client-request-id", "a b\tc");

        assertThat(lines).singleElement().satisfies(line -> assertThat(line.getMdc(LogKeys.CORRELATION_ID))
                .isEqualTo(answer.header("x-ms-request-id")));
    }

    @Test
    void givenTokenAndKeysInRequest_whenRefused_thenNotLogged() {
        var authorization = BackEnd.token("other.example.net", "iothubowner");

        BackEnd.withAuthorization(port, authorization)
                .put(
                        "/devices/" + BackEnd.newId(),
                        "{\"authentication\":{\"symmetricKey\":{\"primaryKey\":\"S3cr3t\"}}}");

        assertThat(lines).singleElement().satisfies(line -> assertThat(line.getFormattedMessage())
                .doesNotContain("S3cr3t", "sig=", authorization));
    }
}
