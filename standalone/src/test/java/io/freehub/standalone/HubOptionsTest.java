package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HubOptionsTest {

    private static final Path DATA = Path.of("/data/hub");

    @Test
    void givenNothing_whenParsed_thenTheStandardPortsOnLoopback() {
        var options = parse();

        assertThat(options.host()).isEqualTo("127.0.0.1");
        assertThat(options.hubName()).isEqualTo("freehub");
        assertThat(options.mqttPort()).isEqualTo(8883);
        assertThat(options.amqpPort()).isEqualTo(5671);
        assertThat(options.amqpPlainPort()).isEqualTo(5672);
        assertThat(options.httpsPort()).isEqualTo(443);
        assertThat(options.kafkaPort()).isEqualTo(9092);
        assertThat(options.kafkaReadersPort()).isEqualTo(9093);
        assertThat(options.postgresPort()).isEmpty();
        assertThat(options.gateways()).isEqualTo(1);
        assertThat(options.data()).isEqualTo(Path.of(".freehub").toAbsolutePath());
    }

    @Test
    void givenEveryOption_whenParsed_thenEachIsTaken() {
        var options = parse(
                "--data",
                "/data/hub",
                "--host",
                "hub.example.org",
                "--name",
                "plant",
                "--gateways",
                "3",
                "--mqtt-port",
                "18883",
                "--amqp-port",
                "15671",
                "--amqp-plain-port",
                "15672",
                "--https-port",
                "9443",
                "--kafka-port",
                "19092",
                "--kafka-readers-port",
                "19093",
                "--kafka-host",
                "10.0.0.1",
                "--postgres-port",
                "15432",
                "--tls-name",
                "one.example.org",
                "--tls-name",
                "two.example.org");

        assertThat(options)
                .isEqualTo(HubOptions.in(DATA)
                        .host("hub.example.org")
                        .hubName("plant")
                        .gateways(3)
                        .mqttPort(18883)
                        .amqpPort(15671)
                        .amqpPlainPort(15672)
                        .httpsPort(9443)
                        .kafkaPort(19092)
                        .kafkaReadersPort(19093)
                        .kafkaHost("10.0.0.1")
                        .postgresPort(15432)
                        .tlsNames(List.of("one.example.org", "two.example.org"))
                        .build());
    }

    @Test
    void givenJavaOptionsInTheEnvironment_whenParsed_thenTheyBelongToTheirService() {
        var options = command()
                .options(Map.of("FREEHUB_JAVA_OPTS_GATEWAY", " -Xmx2g  -Dx=y ", "FREEHUB_JAVA_OPTS", "-Xmx1g"));

        assertThat(options.javaOptions()).isEqualTo(Map.of("gateway", List.of("-Xmx2g", "-Dx=y")));
    }

    @Test
    void givenAddressAsHost_whenBound_thenNothingElseIsListenedOn() {
        var options = HubOptions.in(DATA).host("127.0.0.2").build();

        assertThat(options.gatewayBind()).isEqualTo("127.0.0.2");
        assertThat(options.kafkaAddress()).isEqualTo("127.0.0.2");
    }

    @Test
    void givenNameAsHost_whenBound_thenGatewaysListenEverywhereAndKafkaOnLoopback() {
        var options = HubOptions.in(DATA).host("hub.example.org").build();

        assertThat(options.gatewayBind()).isEqualTo("0.0.0.0");
        assertThat(options.kafkaAddress()).isEqualTo("127.0.0.1");
    }

    @Test
    void givenAddressOfANetworkAsHost_whenBound_thenKafkaIsNotOpenedToIt() {
        assertThat(HubOptions.in(DATA).host("192.168.1.5").build().kafkaAddress())
                .isEqualTo("127.0.0.1");
    }

    @Test
    void givenSeveralGateways_whenPortsAreDealt_thenTheFirstHasTheStandardOnesAndNoFurtherOneIsPrivileged() {
        var options = HubOptions.in(DATA).gateways(3).build();

        assertThat(IntStream.range(0, 3).map(options::mqttPort)).containsExactly(8883, 8884, 8885);
        assertThat(IntStream.range(0, 3).map(options::amqpPort)).containsExactly(5671, 5673, 5674);
        assertThat(IntStream.range(0, 3).map(options::httpsPort)).containsExactly(443, 8444, 8445);
    }

    @Test
    void givenLoopbackAddressAsHost_whenPortsAreDealt_thenTheFirstGatewayAloneSpeaksAmqpInTheClear() {
        var options = HubOptions.in(DATA).host("127.0.0.2").gateways(2).build();

        assertThat(options.plainAmqpPort(0)).hasValue(5672);
        assertThat(options.plainAmqpPort(1)).isEmpty();
        for (var host : List.of("hub.example.org", "192.168.1.5")) {
            var elsewhere = HubOptions.in(DATA).host(host).gateways(3).build();
            assertThat(elsewhere.plainAmqpPort(0)).isEmpty();
            assertThat(IntStream.range(0, 3).map(elsewhere::amqpPort)).containsExactly(5671, 5672, 5673);
        }
        assertThat(HubOptions.in(DATA).amqpPlainPort(0).build().plainAmqpPort(0))
                .isEmpty();
    }

    @Test
    void givenHttpsPortOfOnesOwn_whenPortsAreDealt_thenTheyCountUpFromIt() {
        var options = HubOptions.in(DATA).httpsPort(9443).gateways(2).build();

        assertThat(IntStream.range(0, 2).map(options::httpsPort)).containsExactly(9443, 9444);
    }

    @Test
    void givenSenselessValues_whenBuilt_thenTheMessageNamesTheOption() {
        assertThatThrownBy(() -> HubOptions.in(DATA).host("a b").build())
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("--host 'a b'");
        assertThatThrownBy(() -> HubOptions.in(DATA).gateways(0).build()).hasMessageContaining("--gateways 0");
        assertThatThrownBy(() -> HubOptions.in(DATA).mqttPort(70_000).build())
                .hasMessageContaining("--mqtt-port 70000");
        assertThatThrownBy(() -> HubOptions.in(DATA).kafkaHost("kafka").build()).hasMessageContaining("--kafka-host");
    }

    private static HubOptions parse(String... arguments) {
        return command(arguments).options(Map.of());
    }

    private static UpCommand command(String... arguments) {
        return CommandLine.populateCommand(new UpCommand(), arguments);
    }
}
