package io.freehub.gateway.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceScopeTest {

    private static final List<String> HOSTS = List.of("hub.example.com", "127.0.0.1");
    private static final List<String> PARTITION = List.of("myhub", "ConsumerGroups", "$Default", "Partitions", "0");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hub.example.com",
                "HUB.example.com",
                "127.0.0.1",
                "sb://hub.example.com/",
                "amqps%3A%2F%2Fhub.example.com%3A5671%2F",
                "https://hub.example.com",
                "sb%3a%2f%2f127.0.0.1%3a5671%2fmyhub",
                "amqp://hub.example.com/MyHub/",
                "amqps://hub.example.com/myhub/consumergroups/$default",
                "amqp%3A%2F%2Fhub.example.com%2Fmyhub%2FConsumerGroups%2F%24Default%2FPartitions%2F0"
            })
    void resourceCoversWhatLiesBelow(String resource) {
        assertThat(ServiceScope.of(resource).covers(HOSTS, PARTITION)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "sb://",
                "example.com",
                "ftp://hub.example.com",
                "hub.example.com.evil.org/myhub",
                "hub.example.com/my",
                "hub.example.com/myhub/ConsumerGroups/other",
                "hub.example.com/myhub/ConsumerGroups/$Default/Partitions/1",
                "hub.example.com/myhub/ConsumerGroups/$Default/Partitions/01",
                "hub.example.com/myhub/ConsumerGroups/$Default/Partitions/0/more",
                "myhub"
            })
    void andNothingElse(String resource) {
        assertThat(ServiceScope.of(resource).covers(HOSTS, PARTITION)).isFalse();
    }
}
