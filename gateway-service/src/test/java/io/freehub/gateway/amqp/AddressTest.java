package io.freehub.gateway.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.IdentityId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/devices/d1/messages/events",
                "devices/d1/messages/events",
                "/Devices/d1/Messages/Events/",
                "amqps://hub.example.com/devices/d1/messages/events",
                "amqps://hub.example.com:5671/devices/d1/messages/events"
            })
    void addressOfADeviceIsReadHoweverItIsWritten(String text) {
        assertThat(Address.parse(text).ofIdentity()).hasValueSatisfying(address -> {
            assertThat(address.identities()).containsExactly(IdentityId.parse("d1"));
            assertThat(address.path()).isEqualTo("messages/events");
        });
    }

    @Test
    void moduleStandsBelowItsDevice() {
        assertThat(Address.parse("/devices/d1/modules/m1/messages/devicebound").ofIdentity())
                .hasValueSatisfying(address -> {
                    assertThat(address.identities()).containsExactly(IdentityId.parse("d1/m1"));
                    assertThat(address.path()).isEqualTo("messages/devicebound");
                });
    }

    @Test
    void idIsReadAsItIsBeforeItIsDecodedAndAPlusStaysOne() {
        assertThat(Address.parse("/devices/a%23+b/twin").ofIdentity())
                .hasValueSatisfying(address -> assertThat(address.identities())
                        .containsExactly(IdentityId.parse("a%23+b"), IdentityId.parse("a#+b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "$cbs", "/messages/events", "/devices", "/devices/d1", "https://devices/d1/twin"})
    void otherAddressesAreOfNoDevice(String text) {
        assertThat(Address.parse(text).ofIdentity()).isEmpty();
    }

    @Test
    void veryLongTextIsNoAddress() {
        assertThat(Address.parse("/devices/" + "d".repeat(2000) + "/twin").segments())
                .isEmpty();
    }

    @Test
    void wordsAreComparedWithoutRegardToCase() {
        assertThat(Address.parse("amqps://hub.example.com/messages/serviceBound/Feedback")
                        .is("messages/servicebound/feedback"))
                .isTrue();
    }
}
