package io.freehub.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Role;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallerTest {

    private static final RequestPath PATH = RequestPath.parse("/devices%2Fd1");

    private static List<String> names(Role role) {
        return role == Role.DATA_READER ? List.of(role.wireName(), "watchers") : List.of(role.wireName());
    }

    @Test
    void givenClaimValues_whenRolesAreRead_thenThoseWithAValueInTheClaim() {
        var caller = Caller.of(
                "ann", List.of("watchers", "Freehub Owner", "offline_access"), CallerTest::names, Instant.MAX);

        assertThat(caller.roles()).containsExactlyInAnyOrder(Role.DATA_READER, Role.OWNER);
    }

    @Test
    void givenValueInAnotherCase_whenRolesAreRead_thenNone() {
        assertThat(Caller.of("ann", List.of("freehub owner"), CallerTest::names, Instant.MAX)
                        .roles())
                .isEmpty();
    }

    @Test
    void givenTwoRolesThatShareTheActions_whenBothActionsAreNeeded_thenAllowed() {
        var caller = new Caller("ann", Set.of(Role.REGISTRY_CONTRIBUTOR, Role.TWIN_CONTRIBUTOR), Instant.MAX);
        var both = new DataAction[] {DataAction.DEVICES_WRITE, DataAction.TWINS_WRITE};

        assertThatCode(() -> caller.require(both, "POST", PATH)).doesNotThrowAnyException();
    }

    @Test
    void givenOneOfTwoActions_whenBothAreNeeded_thenRefusedInTheWordsOfIotHub() {
        var caller = new Caller("ann", Set.of(Role.DATA_READER), Instant.MAX);
        var both = new DataAction[] {DataAction.DEVICES_READ, DataAction.DEVICES_DELETE};

        assertThatThrownBy(() -> caller.require(both, "POST", PATH))
                .hasMessage("Principal ann is not authorized for POST on /devices/d1 due to no assigned permissions")
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.UNAUTHORIZED));
    }

    @Test
    void givenNameMadeForAnotherLogLine_whenShown_thenOnOneLineAndCut() {
        var caller = new Caller("x\nERROR all lost" + "y".repeat(500), Set.of(), Instant.MAX);

        assertThat(caller.name()).startsWith("x?ERROR").hasSize(128);
    }
}
