package io.freehub.model;

import static io.freehub.model.DataAction.DEVICES_DELETE;
import static io.freehub.model.DataAction.DEVICES_READ;
import static io.freehub.model.DataAction.DEVICES_WRITE;
import static io.freehub.model.DataAction.HUB_MANAGE;
import static io.freehub.model.DataAction.TWINS_READ;
import static io.freehub.model.DataAction.TWINS_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RoleTest {

    static Stream<Arguments> roles() {
        return Stream.of(
                Arguments.of("IoT Hub Data Contributor", EnumSet.complementOf(EnumSet.of(HUB_MANAGE))),
                Arguments.of(
                        "IoT Hub Data Reader",
                        Set.of(
                                DEVICES_READ,
                                TWINS_READ,
                                DataAction.JOBS_READ,
                                DataAction.STATISTICS_READ,
                                DataAction.CONFIGURATIONS_READ,
                                DataAction.FILE_UPLOAD_NOTIFICATIONS)),
                Arguments.of("IoT Hub Registry Contributor", Set.of(DEVICES_READ, DEVICES_WRITE, DEVICES_DELETE)),
                Arguments.of("IoT Hub Twin Contributor", Set.of(TWINS_READ, TWINS_WRITE)),
                Arguments.of("Freehub Owner", EnumSet.allOf(DataAction.class)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("roles")
    void givenRole_whenEachActionIsAsked_thenOnlyItsOwnAreAllowed(String name, Set<DataAction> expected) {
        var role = Arrays.stream(Role.values())
                .filter(known -> known.wireName().equals(name))
                .findFirst()
                .orElseThrow();

        var allowed = Arrays.stream(DataAction.values()).filter(role::allows).collect(Collectors.toSet());

        assertThat(allowed).isEqualTo(expected);
    }

    @Test
    void everyRoleIsTested() {
        assertThat(roles().count()).isEqualTo(Role.values().length);
    }
}
