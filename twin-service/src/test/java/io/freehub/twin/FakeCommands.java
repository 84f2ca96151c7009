package io.freehub.twin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freehub.model.HubError;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.service.http.ErrorBody;
import io.freehub.service.http.RequestPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.config.ConfigProvider;

/** Answers calls of methods as command-service does, for devices as a test wants them. */
public final class FakeCommands {

    private static final FakeCommands SHARED = new FakeCommands();

    /** Whose answer waits. */
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();

    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    /** By what ids have in common up to the last dash. */
    private final Map<String, Integer> underWay = new ConcurrentHashMap<>();

    private final Map<String, Integer> most = new ConcurrentHashMap<>();
    private final SymmetricKey key;

    /** One that came. */
    public record Call(String device, String body) {}

    private record Answer(int status, String error, String body) {}

    private FakeCommands() {
        var config = ConfigProvider.getConfig();
        key = new SymmetricKey(config.getValue(HubResource.key("$freehub"), String.class));
        try {
            var server = HttpServer.create(
                    new InetSocketAddress(
                            "127.0.0.1",
                            URI.create(config.getValue("freehub.twin.commands.url", String.class))
                                    .getPort()),
                    1024);
            server.createContext("/twins", this::answer);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one of all tests, up from the first call on. */
    public static FakeCommands shared() {
        return SHARED;
    }

    /** From now on the device answers so. */
    public void answer(String device, int status, String payload) {
        answers.put(device, new Answer(200, "", "{\"status\":" + status + ",\"payload\":" + payload + "}"));
    }

    /** From now on calls of the device fail so. */
    public void fail(String device, HubError error, String detail) {
        answers.put(
                device,
                new Answer(
                        error.httpStatus(),
                        error.wireName(),
                        ErrorBody.of(error, detail, RequestPath.parse("/twins/d/methods"), "id", Instant.now())
                                .json()));
    }

    /** From now on the device answers only once this is counted down. */
    public CountDownLatch hold(String device) {
        var latch = new CountDownLatch(1);
        held.put(device, latch);
        return latch;
    }

    /** Calls of devices whose ids begin so. */
    public List<Call> calls(String prefix) {
        return calls.stream().filter(call -> call.device().startsWith(prefix)).toList();
    }

    /** Most calls that were under way at a time, of devices that have this before the last dash. */
    public int mostAtATime(String fleet) {
        return most.getOrDefault(fleet, 0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = RequestPath.parse(exchange.getRequestURI().getRawPath()).segments();
            var device = path.get(1);
            var fleet = device.substring(0, device.lastIndexOf('-'));
            most.merge(fleet, underWay.merge(fleet, 1, Integer::sum), Math::max);
            calls.add(new Call(device, new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            Optional.ofNullable(held.get(device)).ifPresent(FakeCommands::await);
            var answer = answers.getOrDefault(device, new Answer(200, "", "{\"status\":200,\"payload\":null}"));
            int status = !isOurs(exchange) ? 401 : !path.get(2).equals("methods") ? 404 : answer.status();
            var body = answer.body().getBytes(StandardCharsets.UTF_8);
            if (!answer.error().isEmpty()) {
                exchange.getResponseHeaders().add("iothub-errorcode", answer.error());
            }
            underWay.merge(fleet, -1, Integer::sum);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isOurs(HttpExchange exchange) {
        var token = SasToken.parse(exchange.getRequestHeaders().getFirst("Authorization"));
        return token.policy().equals(Optional.of("$freehub")) && token.isSignedBy(new SymmetricKeys(key, key));
    }
}
