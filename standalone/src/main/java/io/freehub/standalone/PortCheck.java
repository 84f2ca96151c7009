package io.freehub.standalone;

import io.freehub.embedded.Ports;
import java.io.IOException;
import java.net.BindException;
import java.util.Locale;

/** Finds out before anything starts that a port cannot be had, and says what its operator can do. */
final class PortCheck {

    private static final int UNPRIVILEGED = 1024;

    private PortCheck() {}

    /**
     * @param what listens there
     * @param option by which another port is chosen
     */
    static void require(String host, int port, String what, String option) {
        try {
            Ports.requireBindable(host, port);
        } catch (BindException refused) {
            throw new LauncherException(explain(host, port, what, option, String.valueOf(refused.getMessage())));
        } catch (IOException failed) {
            throw new LauncherException(
                    "port %d at %s (%s) cannot be opened: %s".formatted(port, host, what, failed.getMessage()), failed);
        }
    }

    static String explain(String host, int port, String what, String option, String reason) {
        var said = reason.toLowerCase(Locale.ROOT);
        if (port < UNPRIVILEGED && said.contains("permission denied")) {
            return """
                    port %1$d (%2$s) is privileged, this user may not open it. One of these helps:
                      %3$s 8443
                          another port; but SDKs over HTTPS and WebSockets want 443
                      sudo sysctl net.ipv4.ip_unprivileged_port_start=%1$d
                          lets every user of this machine open it
                      sudo setcap cap_net_bind_service=+ep JDK/bin/java
                          lets programs of that JDK open it; wants JDK/lib in /etc/ld.so.conf.d as well
                      run ./hub as root""".formatted(port, what, option);
        }
        if (said.contains("assign")) {
            return "%s is no address of this machine, so %s cannot listen there: choose another --host"
                    .formatted(host, what);
        }
        return "port %d at %s (%s) is in use: stop what listens there, or choose another port with %s"
                .formatted(port, host, what, option);
    }
}
