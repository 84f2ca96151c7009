package io.freehub.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.MessageProperties.Application;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MessagePropertiesTest {

    @Test
    void sizeCountsValuesOfTheDeviceAndNamesAndValuesOfTheApplication() {
        var properties = new MessageProperties(
                Map.of(SystemProperty.MESSAGE_ID, "1234", SystemProperty.CONNECTION_DEVICE_ID, "stamped by the hub"),
                List.of(new Application("ab", Optional.of("ü")), new Application("c", Optional.empty())));

        assertThat(properties.size()).isEqualTo(4 + 2 + 2 + 1);
    }
}
