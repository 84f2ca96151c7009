package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonNull;
import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.MessageProperty;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubGatewayTimeoutException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.jobs.DirectMethodsJobOptions;
import com.microsoft.azure.sdk.iot.service.jobs.ScheduledJobStatus;
import com.microsoft.azure.sdk.iot.service.jobs.ScheduledJobsClient;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodRequestOptions;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodsClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages to devices and direct methods with Azure's SDK for Java as Maven has it. */
class JavaCommandsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DirectMethodsClient methods = new DirectMethodsClient(TheHub.connectionString());

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"MQTT", "MQTT_WS", "AMQPS", "AMQPS_WS", "HTTPS"})
    void deviceReceivesWhatItsBackEndSends(IotHubClientProtocol protocol) throws Exception {
        var device = BackEnd.create("java-receives-over-" + protocol);
        BlockingQueue<Message> got = new LinkedBlockingQueue<>();
        BackEnd.send(
                device,
                "early",
                Map.of(
                        "iothub-messageid", "m 1",
                        "iothub-correlationid", "run/1 + 2",
                        "iothub-app-alert", "a=b&c/d e+f",
                        "iothub-ack", "full"));
        BackEnd.send(device, "second", Map.of());
        var client = client(device, protocol);
        client.setMessageCallback(
                (message, _) -> {
                    got.add(message);
                    return IotHubMessageResult.COMPLETE;
                },
                null);
        client.open(false);
        try {
            var first = next(got);
            assertThat(text(first)).isEqualTo("early");
            assertThat(first.getMessageId()).isEqualTo("m 1");
            assertThat(first.getCorrelationId()).isEqualTo("run/1 + 2");
            assertThat(List.of(first.getProperties()))
                    .filteredOn(property -> property.getName().equals("alert"))
                    .extracting(MessageProperty::getValue)
                    .containsExactly("a=b&c/d e+f");
            assertThat(text(next(got))).isEqualTo("second");
            BackEnd.send(device, "late", Map.of());
            assertThat(text(next(got))).isEqualTo("late");
        } finally {
            client.close();
        }
        // All were completed: nothing is left to be purged.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(BackEnd.call("DELETE", "/devices/" + device.id() + "/commands", "")
                                .at("/totalMessagesPurged")
                                .asInt(-1))
                        .isZero());
        assertThat(got).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"AMQPS", "AMQPS_WS", "HTTPS"})
    void deviceAbandonsAndRejects(IotHubClientProtocol protocol) throws Exception {
        var device = BackEnd.create("java-rejects-over-" + protocol);
        var messageId = "java-unwanted-" + protocol;
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        var deliveries = new AtomicInteger();
        var client = client(device, protocol);
        client.setMessageCallback(
                (message, _) -> {
                    got.add(text(message));
                    return deliveries.incrementAndGet() == 1 ? IotHubMessageResult.ABANDON : IotHubMessageResult.REJECT;
                },
                null);
        BackEnd.send(device, "unwanted", Map.of("iothub-messageid", messageId, "iothub-ack", "negative"));
        client.open(false);
        try {
            assertThat(next(got)).isEqualTo("unwanted");
            assertThat(next(got)).isEqualTo("unwanted");
            assertThat(BackEnd.feedbackOn(messageId)).isEqualTo("Rejected");
        } finally {
            client.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"MQTT", "MQTT_WS", "AMQPS", "AMQPS_WS"})
    void backEndCallsMethodsOfADevice(IotHubClientProtocol protocol) throws Exception {
        var device = BackEnd.create("java-is-called-over-" + protocol);
        var id = device.id().value();
        assertThatThrownBy(() -> methods.invoke(id, "reboot", options("x", 0, 10)))
                .isInstanceOf(IotHubNotFoundException.class)
                .hasMessageContaining("404103");
        var done = new CountDownLatch(1);
        var early = CompletableFuture.supplyAsync(() -> invoke(id, "reboot", options("early", 50, 50)));
        var client = client(device, protocol);
        try {
            client.open(false);
            client.subscribeToMethods(
                    (method, payload, _) -> switch (method) {
                        case "reboot" ->
                            new DirectMethodResponse(200, Map.of("asked", payload.getPayloadAsJsonString()));
                        case "sleep" -> sleepUntil(done);
                        default -> new DirectMethodResponse(418, null);
                    },
                    null);
            assertThat(early.get(60, TimeUnit.SECONDS)).isEqualTo("200 {\"asked\":\"\\\"early\\\"\"}");
            assertThat(invoke(id, "reboot", options(Map.of("delay", 5), 0, 20)))
                    .isEqualTo("200 {\"asked\":\"{\\\"delay\\\":5}\"}");
            assertThat(methods.invoke(id, "brew").getStatus()).isEqualTo(418);
            assertThatThrownBy(() -> methods.invoke(id, "sleep", options("x", 0, 5)))
                    .isInstanceOf(IotHubGatewayTimeoutException.class);
        } finally {
            done.countDown();
            client.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"MQTT", "AMQPS", "AMQPS_WS"})
    void backEndCallsAMethodOfAModule(IotHubClientProtocol protocol) throws Exception {
        var id = "java-calls-a-module-" + protocol;
        var device = BackEnd.create(id);
        var module = BackEnd.create(device, "burner");
        var client = new ModuleClient(module.connectionString(), protocol, trustingOptions());
        try {
            client.open(false);
            client.subscribeToMethods((_, _, _) -> new DirectMethodResponse(200, "lit"), null);
            var answer = methods.invoke(id, "burner", "light", options(true, 20, 20));
            assertThat(answer.getPayload(String.class)).isEqualTo("lit");
            assertThatThrownBy(() -> methods.invoke(id, "none", "light", options(true, 0, 20)))
                    .isInstanceOf(IotHubNotFoundException.class)
                    .hasMessageContaining("404010");
        } finally {
            client.close();
        }
    }

    @Test
    void backEndCallsMethodsByAJob() throws Exception {
        var device = BackEnd.create("java-method-job");
        BackEnd.create("java-method-job-away");
        var jobs = new ScheduledJobsClient(TheHub.connectionString());
        var client = client(device, IotHubClientProtocol.MQTT);
        try {
            client.open(false);
            client.subscribeToMethods(
                    (_, payload, _) -> new DirectMethodResponse(200, payload.getPayloadAsJsonElement()), null);
            jobs.scheduleDirectMethod(
                    "java-method-job",
                    "deviceId IN ['java-method-job', 'java-method-job-away']",
                    "reboot",
                    new Date(),
                    DirectMethodsJobOptions.builder()
                            .payload("now")
                            .methodConnectTimeoutSeconds(5)
                            .methodResponseTimeoutSeconds(10)
                            .maxExecutionTimeSeconds(60)
                            .build());
            var job = await().atMost(PATIENCE)
                    .until(() -> jobs.get("java-method-job"), ended -> ended.getEndTime() != null);
            assertThat(job.getJobStatus()).isEqualTo(ScheduledJobStatus.completed);
            assertThat(job.getJobStatistics().getSucceededCount()).isEqualTo(1);
            assertThat(job.getJobStatistics().getFailedCount()).isEqualTo(1);
            // The SDK's 2.1.9 cannot read the record of a device that has answered.
            var failed = jobs.query("SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'java-method-job'"
                    + " AND devices.jobs.status = 'failed'");
            var record = failed.next();
            assertThat(record.getDeviceId()).isEqualTo("java-method-job-away");
            assertThat(record.getError()).contains("DeviceNotOnline");
            assertThat(failed.hasNext()).isFalse();
        } finally {
            client.close();
        }
    }

    private String invoke(String device, String method, DirectMethodRequestOptions options) {
        try {
            var answer = methods.invoke(device, method, options);
            var payload = answer.getPayloadAsJsonElement();
            return answer.getStatus() + " " + (payload == null ? JsonNull.INSTANCE : payload);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static DirectMethodRequestOptions options(Object payload, int connectSeconds, int responseSeconds) {
        return DirectMethodRequestOptions.builder()
                .payload(payload)
                .methodConnectTimeoutSeconds(connectSeconds)
                .methodResponseTimeoutSeconds(responseSeconds)
                .build();
    }

    /** Answers when the caller waits no more. */
    private static DirectMethodResponse sleepUntil(CountDownLatch done) {
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new DirectMethodResponse(200, null);
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        var next = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(next).as("the device got a message").isNotNull();
        return next;
    }

    private static String text(Message message) {
        return new String(message.getBytes(), StandardCharsets.UTF_8);
    }

    private static DeviceClient client(BackEnd.Device device, IotHubClientProtocol protocol) {
        return new DeviceClient(device.connectionString(), protocol, trustingOptions());
    }

    private static ClientOptions trustingOptions() {
        return ClientOptions.builder().sslContext(TheHub.trustingContext()).build();
    }
}
