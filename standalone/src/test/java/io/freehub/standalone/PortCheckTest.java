package io.freehub.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.embedded.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortCheckTest {

    private static final String HOST = "127.0.0.11";

    @Test
    void givenPortInUse_whenChecked_thenPortAndOptionAreNamed() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            assertThatThrownBy(() -> PortCheck.require(HOST, taken.getLocalPort(), "MQTT", "--mqtt-port"))
                    .isInstanceOf(LauncherException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " at " + HOST + " (MQTT) is in use")
                    .hasMessageContaining("--mqtt-port");
        }
    }

    @Test
    void givenFreePort_whenChecked_thenNothingHappens() {
        assertThatNoException().isThrownBy(() -> PortCheck.require(HOST, Ports.free(HOST), "MQTT", "--mqtt-port"));
    }

    @Test
    void givenAddressOfAnotherMachine_whenChecked_thenTheHostIsToBlame() {
        assertThatThrownBy(() -> PortCheck.require("192.0.2.1", 28_883, "MQTT", "--mqtt-port"))
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("192.0.2.1 is no address of this machine");
    }

    @Test
    void givenPrivilegedPortRefused_whenExplained_thenEveryWayOutIsNamed() {
        var message = PortCheck.explain("127.0.0.1", 443, "HTTPS", "--https-port", "Permission denied");

        assertThat(message)
                .contains("port 443 (HTTPS) is privileged")
                .contains("--https-port 8443")
                .contains("sysctl net.ipv4.ip_unprivileged_port_start=443")
                .contains("setcap cap_net_bind_service=+ep")
                .contains("as root");
    }
}
