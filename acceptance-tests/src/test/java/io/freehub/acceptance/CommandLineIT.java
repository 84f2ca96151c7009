package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.testing.TopicReader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tools that know nothing of IoT Hub. */
class CommandLineIT {

    private static final int NOT_AUTHORIZED = 5;

    @Test
    void mosquittoSendsWithATokenAndKcatReadsTheEvent() {
        var device = BackEnd.create("mosquitto");
        var start = "s@" + Instant.now().minusSeconds(5).toEpochMilli();
        try (var events = new Events()) {
            var sent = publish(device, device.token(Instant.now().plusSeconds(60)), "%24.ct=text%2Fplain&alert=true");
            assertThat(sent.exitCode()).as(sent.errors()).isZero();

            assertThat(TopicReader.text(events.of("mosquitto", 1).getFirst())).isEqualTo("hello");
            assertThat(Program.output(
                            Path.of("."),
                            Map.of(),
                            List.of(
                                    "kcat",
                                    "-b",
                                    TheHub.facts().kafka(),
                                    "-t",
                                    "hub.events",
                                    "-C",
                                    "-o",
                                    start,
                                    "-e",
                                    "-q",
                                    "-f",
                                    "%k|%s|%h\n")))
                    .containsPattern("(?m)^mosquitto\\|hello\\|iothub-connection-device-id=mosquitto,.*"
                            + "content-type=text/plain,.*alert=true$");
        }
    }

    @Test
    void mosquittoIsRefusedWithAWrongToken() {
        var device = BackEnd.create("mosquitto-refused");
        var expired = publish(device, device.token(Instant.now().minusSeconds(600)), "");

        assertThat(expired.exitCode()).isEqualTo(NOT_AUTHORIZED);
        assertThat(expired.errors()).contains("not authorised");
    }

    private static Program publish(BackEnd.Device device, String token, String bag) {
        return Program.run(
                Path.of("."),
                Map.of(),
                List.of(
                        "mosquitto_pub",
                        "-V",
                        "mqttv311",
                        "-h",
                        TheHub.host(),
                        "-p",
                        Integer.toString(TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY)),
                        "--cafile",
                        TheHub.facts().certificateAuthority().toString(),
                        "-i",
                        device.id().value(),
                        "-u",
                        TheHub.host() + "/" + device.id() + "/?api-version=2021-04-12",
                        "-P",
                        token,
                        "-q",
                        "1",
                        "-t",
                        "devices/" + device.id() + "/messages/events/" + bag,
                        "-m",
                        "hello"));
    }
}
