package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.DeviceId;
import io.freehub.model.DeviceStatus;
import io.freehub.model.HubException;
import io.freehub.registry.identity.EdgeRole.Edge;
import io.freehub.registry.identity.EdgeRole.Leaf;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EdgeRoleTest {

    private static final DeviceId DEVICE = new DeviceId("d");
    private static final String OWN = "ms-azure-iot-edge://d-638";
    private static final String PARENT = "ms-azure-iot-edge://p-637";

    @Test
    void givenEdgeDevice_whenCreated_thenScopeOfItsOwnWhateverWasSent() {
        assertThat(create(true, Optional.of(PARENT), Optional.empty())).isEqualTo(new Edge(OWN, Optional.empty()));
        assertThat(create(true, Optional.empty(), Optional.of(PARENT))).isEqualTo(new Edge(OWN, Optional.of(PARENT)));
    }

    @Test
    void givenLeaf_whenCreated_thenOnlyItsDeviceScopeMakesAParent() {
        assertThat(create(false, Optional.of(PARENT), Optional.empty())).isEqualTo(new Leaf(Optional.of(PARENT)));
        assertThat(create(false, Optional.empty(), Optional.of(PARENT))).isEqualTo(new Leaf(Optional.empty()));
        assertThat(create(false, Optional.of(""), Optional.of(PARENT))).isEqualTo(new Leaf(Optional.empty()));
    }

    @Test
    void givenEdgeDevice_whenReplaced_thenScopeStaysAndNoOtherIsTaken() {
        var edge = new Edge(OWN, Optional.of(PARENT));

        assertThat(replace(edge, true, Optional.of(OWN), Optional.of(PARENT))).isEqualTo(edge);
        assertThat(replace(edge, true, Optional.empty(), Optional.empty())).isEqualTo(new Edge(OWN, Optional.empty()));
        assertThatThrownBy(() -> replace(edge, true, Optional.of(""), Optional.empty()))
                .isInstanceOf(HubException.class)
                .hasMessage("Device scope is immutable");
        assertThatThrownBy(() -> replace(edge, true, Optional.of(PARENT), Optional.empty()))
                .isInstanceOf(HubException.class);
    }

    @Test
    void givenLeaf_whenReplaced_thenItsParentIsTheOneThatItHadOrAnEdgeDevice() {
        var leaf = new Leaf(Optional.of("any"));

        assertThat(replace(leaf, false, Optional.of("any"), Optional.empty())).isEqualTo(leaf);
        assertThat(replace(leaf, false, Optional.of(OWN), Optional.of("any"))).isEqualTo(new Leaf(Optional.of(OWN)));
        assertThat(replace(leaf, false, Optional.of(""), Optional.empty())).isEqualTo(new Leaf(Optional.empty()));
        assertThatThrownBy(() -> replace(leaf, false, Optional.of("other"), Optional.of("any")))
                .isInstanceOf(HubException.class)
                .hasMessage("deviceScope is no scope of an edge device");
    }

    @Test
    void givenRoleThatChanges_whenReplaced_thenEdgeLosesItsParentAndLeafGetsAScope() {
        assertThat(replace(new Edge(OWN, Optional.of(PARENT)), false, Optional.of(PARENT), Optional.empty()))
                .isEqualTo(new Leaf(Optional.empty()));
        assertThat(replace(new Leaf(Optional.of(PARENT)), true, Optional.of(""), Optional.of(PARENT)))
                .isEqualTo(new Edge(OWN, Optional.of(PARENT)));
    }

    private static EdgeRole create(boolean edge, Optional<String> scope, Optional<String> parent) {
        return EdgeRole.create(DEVICE, spec(edge, scope, parent), "638");
    }

    private static EdgeRole replace(EdgeRole role, boolean edge, Optional<String> scope, Optional<String> parent) {
        return role.replace(DEVICE, spec(edge, scope, parent), "638");
    }

    private static IdentitySpec.Device spec(boolean edge, Optional<String> scope, Optional<String> parent) {
        return new IdentitySpec.Device(DeviceStatus.ENABLED, Optional.empty(), Optional.empty(), edge, scope, parent);
    }
}
