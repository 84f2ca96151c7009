package io.freehub.gateway.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "myhub/ConsumerGroups/$Default/Partitions/0",
                "/myhub/ConsumerGroups/$Default/Partitions/0",
                "amqps://hub.example.com/myhub/ConsumerGroups/$Default/Partitions/0",
                "amqps://hub.example.com:5671/myhub/consumergroups/$Default/partitions/0/"
            })
    void partitionIsReadHoweverItIsWritten(String text) {
        assertThat(address(text)).hasValue(new EventAddress.Partition("myhub", "$Default", "0"));
    }

    @Test
    void managementMayNameItsEntity() {
        assertThat(address("$management")).hasValue(new EventAddress.Management(Optional.empty()));
        assertThat(address("/myhub/$Management")).hasValue(new EventAddress.Management(Optional.of("myhub")));
    }

    @Test
    void ioTHubHasItsOwnAddressOfTheSame() {
        var management = ofHub("amqps://hub.example.com/messages/events/$management");
        assertThat(management.isManagement()).isTrue();
        assertThat(management.partition("myhub")).isEmpty();

        var partition = ofHub("/Messages/Events/ConsumerGroups/g1/Partitions/3");
        assertThat(partition.isManagement()).isFalse();
        assertThat(partition.partition("myhub")).hasValue(new EventAddress.Partition("myhub", "g1", "3"));
        assertThat(partition.suffix()).containsExactly("ConsumerGroups", "g1", "Partitions", "3");

        assertThat(ofHub("/messages/events/").suffix()).isEmpty();
        assertThat(ofHub("/messages/events/").isManagement()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "myhub",
                "$cbs",
                "/devices/d1/messages/events",
                "/messages/devicebound",
                "myhub/ConsumerGroups/$Default/Partitions",
                "myhub/ConsumerGroups/$Default/Partitions/0/more",
                "myhub/Groups/$Default/Partitions/0",
                "a/b/$management"
            })
    void othersAreNone(String text) {
        assertThat(address(text)).isEmpty();
    }

    @Test
    void tokenMayBeForEitherName() {
        assertThat(new EventAddress.Partition("myhub", "g1", "3").resources())
                .containsExactly(
                        List.of("myhub", "ConsumerGroups", "g1", "Partitions", "3"),
                        List.of("messages", "events", "ConsumerGroups", "g1", "Partitions", "3"));
    }

    @Test
    void partitionsHaveNumbers() {
        assertThat(partition("0").number(4)).isZero();
        assertThat(partition("3").number(4)).isEqualTo(3);
        for (var none : List.of("4", "-1", "", "x", "99999999999")) {
            assertThatThrownBy(() -> partition(none).number(4))
                    .isInstanceOf(HubException.class)
                    .hasMessageMatching("The messaging entity '.*' could not be found\\.");
        }
    }

    private static EventAddress.Partition partition(String id) {
        return new EventAddress.Partition("myhub", "g1", id);
    }

    private static EventAddress.OfHub ofHub(String text) {
        return (EventAddress.OfHub) address(text).orElseThrow();
    }

    private static Optional<EventAddress> address(String text) {
        return EventAddress.of(Address.parse(text));
    }
}
