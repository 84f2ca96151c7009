package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.service.auth.AuthenticationType;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.Module;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import io.freehub.model.SystemProperty;
import io.freehub.testing.TestAuthority;
import io.freehub.testing.TestCertificate;
import io.freehub.testing.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices and modules that prove themselves by certificates, with Azure's SDKs. */
class CertificatesIT {

    private static final String AUTH_METHOD = "{\"scope\":\"%s\",\"type\":\"x509\",\"issuer\":\"iothub\"}";
    private static final TestAuthority AUTHORITY = new TestAuthority("factory 7");

    @TempDir
    Path directory;

    private final RegistryClient registry = new RegistryClient(TheHub.connectionString());

    @ParameterizedTest
    @EnumSource(names = {"MQTT", "MQTT_WS", "HTTPS"})
    void javaDeviceOfAThumbprintSends(IotHubClientProtocol protocol) throws Exception {
        var id = "java-thumbprint-" + protocol;
        var shown = new TestAuthority("nobody").issue("whoever");
        registerByThumbprint(id, shown);

        javaSends(id, protocol, shown);
        assertThatThrownBy(() -> javaSends(id, protocol, new TestAuthority("nobody").issue("whoever")))
                .isInstanceOf(IotHubClientException.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"MQTT", "MQTT_WS", "HTTPS"})
    void javaDeviceOfAnAuthoritySendsOnceItsPossessionIsProved(IotHubClientProtocol protocol) throws Exception {
        var id = "java-authority-" + protocol;
        var authority = new TestAuthority("authority of " + id);
        var shown = authority.intermediate("line 3").issue(id);
        registry.addDevice(new Device(id, AuthenticationType.CERTIFICATE_AUTHORITY));
        var path = "/hub/certificates/" + id;
        BackEnd.create(path, Map.of("certificate", TestAuthority.pem(authority.certificate())));
        var code = BackEnd.call("POST", path + "/generateVerificationCode", "")
                .get("verificationCode")
                .asText();

        assertThatThrownBy(() -> javaSends(id, protocol, shown)).isInstanceOf(IotHubClientException.class);
        BackEnd.call(
                "POST",
                path + "/verify",
                Map.of("certificate", TestAuthority.pem(authority.issue(code).certificate())));
        // Gateways hear of it a moment later.
        Awaitility.await().ignoreExceptions().until(() -> {
            javaSends(id, protocol, shown);
            return true;
        });

        registry.removeDevice(id);
        BackEnd.call("DELETE", path, "");
    }

    /** The SDK for Node.js has certificates for devices only. */
    @Test
    void javaModulesSend() throws Exception {
        var device = "java-x509-modules";
        registry.addDevice(new Device(device));
        var byThumbprint = AUTHORITY.issue("anything");
        var module = new Module(device, "burner", AuthenticationType.SELF_SIGNED);
        module.setThumbprint(byThumbprint.thumbprint("SHA-1"), byThumbprint.thumbprint("SHA-1"));
        registry.addModule(module);
        registry.addModule(new Module(device, "pump", AuthenticationType.CERTIFICATE_AUTHORITY));
        var authority = new TestAuthority("authority of " + device);
        trust(device, authority);

        try (var events = new Events()) {
            moduleSends(device, "burner", byThumbprint);
            Awaitility.await().ignoreExceptions().until(() -> {
                moduleSends(device, "pump", authority.issue(device + "/pump"));
                return true;
            });

            assertThat(events.of(device, 2))
                    .allSatisfy(event -> assertThat(Events.properties(event).system())
                            .containsEntry(SystemProperty.CONNECTION_AUTH_METHOD, AUTH_METHOD.formatted("module")))
                    .extracting(event -> TopicReader.text(event))
                    .containsExactly("from burner", "from pump");
        }
        BackEnd.call("DELETE", "/hub/certificates/" + device, "");
    }

    private static void trust(String name, TestAuthority authority) {
        BackEnd.create(
                "/hub/certificates/" + name,
                Map.of("certificate", TestAuthority.pem(authority.certificate()), "isVerified", true));
    }

    private static void moduleSends(String device, String module, TestCertificate shown) throws Exception {
        var client = new ModuleClient(
                "HostName=" + TheHub.host() + ";DeviceId=" + device + ";ModuleId=" + module + ";x509=true",
                IotHubClientProtocol.MQTT,
                options(shown));
        try {
            client.open(false);
            client.sendEvent(new Message("from " + module));
        } finally {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtt", "mqtt-ws", "http"})
    void nodeDeviceSends(String transport) throws Exception {
        var byThumbprint = "node-thumbprint-" + transport;
        var shown = new TestAuthority("nobody").issue("whoever");
        registerByThumbprint(byThumbprint, shown);
        nodeSends(byThumbprint, transport, shown);

        var byAuthority = "node-authority-" + transport;
        var authority = new TestAuthority("authority of " + byAuthority);
        registry.addDevice(new Device(byAuthority, AuthenticationType.CERTIFICATE_AUTHORITY));
        assertThat(node(byAuthority, transport, authority.issue(byAuthority))).isEqualTo("UnauthorizedError");
        trust(byAuthority, authority);
        try (var events = new Events()) {
            Awaitility.await().until(() -> node(byAuthority, transport, authority.issue(byAuthority)), "sent"::equals);
            check(events, byAuthority, "node over " + transport);
        }
        BackEnd.call("DELETE", "/hub/certificates/" + byAuthority, "");
    }

    private void registerByThumbprint(String id, TestCertificate shown) throws Exception {
        var device = new Device(id, AuthenticationType.SELF_SIGNED);
        device.setThumbprint(shown.thumbprint("SHA-256"), shown.thumbprint("SHA-256"));
        registry.addDevice(device);
    }

    private void javaSends(String id, IotHubClientProtocol protocol, TestCertificate shown) throws Exception {
        var client = new DeviceClient(
                "HostName=" + TheHub.host() + ";DeviceId=" + id + ";x509=true", protocol, options(shown));
        try (var events = new Events()) {
            client.open(false);
            client.sendEvent(new Message("java over " + protocol));
            check(events, id, "java over " + protocol);
        } finally {
            client.close();
        }
    }

    private void nodeSends(String id, String transport, TestCertificate shown) throws Exception {
        try (var events = new Events()) {
            assertThat(node(id, transport, shown)).isEqualTo("sent");
            check(events, id, "node over " + transport);
        }
    }

    private String node(String id, String transport, TestCertificate shown) throws IOException {
        var certificate = Files.writeString(directory.resolve("client.pem"), shown.chainPem());
        var key = Files.writeString(directory.resolve("client.key"), shown.keyPem());
        return new ObjectMapper()
                .readTree(Program.output(
                        Path.of("node"),
                        Map.of(
                                "NODE_EXTRA_CA_CERTS",
                                TheHub.facts().certificateAuthority().toString(),
                                "IOTHUB_HOST",
                                TheHub.host(),
                                "CERTIFICATE_FILE",
                                certificate.toString(),
                                "KEY_FILE",
                                key.toString()),
                        List.of("node", "send-x509.mjs", transport, id)))
                .get("outcome")
                .asText();
    }

    private static void check(Events events, String device, String body) {
        var event = events.of(device, 1).getFirst();
        assertThat(TopicReader.text(event)).isEqualTo(body);
        assertThat(Events.properties(event).system())
                .containsEntry(SystemProperty.CONNECTION_AUTH_METHOD, AUTH_METHOD.formatted("device"));
    }

    private static ClientOptions options(TestCertificate shown) {
        return ClientOptions.builder().sslContext(TheHub.trustingContext(shown)).build();
    }
}
