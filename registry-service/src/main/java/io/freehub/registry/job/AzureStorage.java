package io.freehub.registry.job;

import io.freehub.registry.job.StorageException.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Containers of Azure Blob Storage, by the few calls of its REST interface that jobs need. The shared access signature in
 * the container's URI allows them; nothing that an answer says leads anywhere else.
 *
 * <p>Source: Azure Storage, "Blob service REST API": Get Blob, Get Blob Properties, Put Blob, Put Block, Put Block List,
 * Delete Blob.
 */
final class AzureStorage {

    private static final String API_VERSION = "2021-12-02";
    private static final Duration TO_CONNECT = Duration.ofSeconds(10);
    private static final Duration OF_A_REQUEST = Duration.ofSeconds(15);
    /** Tries and pauses together are shorter than the lease of a job. */
    private static final int TRIES = 3;

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int MAX_NAME = 1024;
    private static final Pattern ERROR_CODE = Pattern.compile("[A-Za-z]{1,64}");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TO_CONNECT)
            .build();

    JobStorage open(Container.Remote container) {
        return new AzureContainer(container);
    }

    private final class AzureContainer implements JobStorage {

        private final Container.Remote container;

        private AzureContainer(Container.Remote container) {
            this.container = container;
        }

        @Override
        public Optional<Blob> find(String name) throws StorageException {
            var answer = send(request(name, "").method("HEAD", BodyPublishers.noBody()), 0);
            if (answer.statusCode() == 404 && !"ContainerNotFound".equals(errorCode(answer))) {
                return Optional.empty();
            }
            require(answer, 200);
            return Optional.of(new Blob(
                    name,
                    answer.headers().firstValueAsLong("Content-Length").orElse(0),
                    answer.headers().firstValue("ETag").orElse("")));
        }

        @Override
        public byte[] read(Blob blob, long offset, int length) throws StorageException {
            var request = request(blob.name(), "")
                    .header("x-ms-range", "bytes=" + offset + "-" + (offset + length - 1))
                    .GET();
            if (!blob.version().isEmpty()) {
                request.header("If-Match", blob.version());
            }
            var answer = send(request, length);
            require(answer, 206);
            if (answer.body().length != length) {
                throw new StorageException(
                        Reason.CHANGED,
                        "the storage answered " + answer.body().length + " bytes of '" + blob.name() + "' instead of "
                                + length);
            }
            return answer.body();
        }

        @Override
        public Upload write(String name) throws StorageException {
            encoded(name);
            return new BlockUpload(name);
        }

        @Override
        public void delete(String name) throws StorageException {
            var answer = send(request(name, "").DELETE(), 0);
            if (answer.statusCode() != 404) {
                require(answer, 202);
            }
        }

        private HttpRequest.Builder request(String blob, String parameters) throws StorageException {
            var uri = container.uri();
            var path = uri.getRawPath().replaceAll("/+$", "");
            var query = Arrays.asList(
                            parameters, Optional.ofNullable(uri.getRawQuery()).orElse(""))
                    .stream()
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining("&"));
            return HttpRequest.newBuilder(URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path + "/"
                            + encoded(blob) + (query.isEmpty() ? "" : "?" + query)))
                    .header("x-ms-version", API_VERSION)
                    .timeout(OF_A_REQUEST);
        }

        /** Blocks that were not committed are nobody's, and the storage drops them after a week. */
        private final class BlockUpload implements Upload {

            private final String name;
            /** So that blocks of two uploads never mix. */
            private final String prefix = UUID.randomUUID().toString();

            private final List<String> blocks = new ArrayList<>();

            private BlockUpload(String name) {
                this.name = name;
            }

            @Override
            public void append(byte[] block) throws StorageException {
                var id = Base64.getEncoder()
                        .encodeToString(
                                "%s-%06d".formatted(prefix, blocks.size()).getBytes(StandardCharsets.US_ASCII));
                put("comp=block&blockid=" + URLEncoder.encode(id, StandardCharsets.US_ASCII), block, Map.of());
                blocks.add(id);
            }

            @Override
            public void commit() throws StorageException {
                if (blocks.isEmpty()) {
                    put("", new byte[0], Map.of("x-ms-blob-type", "BlockBlob"));
                } else {
                    var list = blocks.stream()
                            .map(id -> "<Latest>" + id + "</Latest>")
                            .collect(Collectors.joining(
                                    "", "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>", "</BlockList>"));
                    put(
                            "comp=blocklist",
                            list.getBytes(StandardCharsets.US_ASCII),
                            Map.of("x-ms-blob-content-type", "text/plain; charset=utf-8"));
                }
            }

            @Override
            public void close() {}

            private void put(String parameters, byte[] body, Map<String, String> headers) throws StorageException {
                var request = request(name, parameters).PUT(BodyPublishers.ofByteArray(body));
                headers.forEach(request::header);
                require(send(request, 0), 201);
            }
        }
    }

    /** Sends until the storage has an answer that is to stay; what is sent here may be sent twice. */
    private HttpResponse<byte[]> send(HttpRequest.Builder request, int mostBytes) throws StorageException {
        for (int attempt = 1; ; attempt++) {
            try {
                var answer = sendOnce(request.build(), mostBytes);
                if (attempt == TRIES || answer.statusCode() < 500 && answer.statusCode() != 429) {
                    return answer;
                }
            } catch (IOException | TimeoutException e) {
                if (attempt == TRIES) {
                    // Not its message: it may quote the URI.
                    throw new StorageException(
                            Reason.UNAVAILABLE,
                            "the storage cannot be reached (" + e.getClass().getSimpleName() + ")");
                }
            }
            pause(PAUSE.multipliedBy(attempt));
        }
    }

    private HttpResponse<byte[]> sendOnce(HttpRequest request, int mostBytes)
            throws IOException, TimeoutException, StorageException {
        // What an error says at length is of no interest, and an answer that is longer than it should be none at all.
        var sent = client.sendAsync(
                request,
                answer -> answer.statusCode() == 200 || answer.statusCode() == 206
                        ? HttpResponse.BodySubscribers.limiting(HttpResponse.BodySubscribers.ofByteArray(), mostBytes)
                        : HttpResponse.BodySubscribers.replacing(new byte[0]));
        try {
            return sent.get(OF_A_REQUEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | CompletionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new StorageException(Reason.REFUSED, "the storage cannot be asked at this URI");
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            sent.cancel(true);
        }
    }

    private static void require(HttpResponse<byte[]> answer, int status) throws StorageException {
        if (answer.statusCode() == status) {
            return;
        }
        var reason =
                switch (answer.statusCode()) {
                    case 404 -> Reason.MISSING;
                    case 409, 412, 416 -> Reason.CHANGED;
                    case 429 -> Reason.UNAVAILABLE;
                    default -> answer.statusCode() >= 500 ? Reason.UNAVAILABLE : Reason.REFUSED;
                };
        var code = errorCode(answer);
        throw new StorageException(
                reason, "the storage answered " + answer.statusCode() + (code.isEmpty() ? "" : " " + code));
    }

    /** The storage's own word for a failure. */
    private static String errorCode(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("x-ms-error-code")
                .filter(code -> ERROR_CODE.matcher(code).matches())
                .orElse("");
    }

    /** The name as a path below the container; it leads nowhere else. */
    private static String encoded(String blob) throws StorageException {
        var segments = blob.split("/", -1);
        boolean bad = blob.length() > MAX_NAME
                || Arrays.stream(segments)
                        .anyMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."));
        if (bad) {
            throw new StorageException(
                    Reason.REFUSED,
                    "a blob name has 1 to " + MAX_NAME + " characters and no empty, . or .. in its path");
        }
        return Arrays.stream(segments)
                .map(segment ->
                        URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }

    private static void pause(Duration time) throws StorageException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static StorageException interrupted() {
        Thread.currentThread().interrupt();
        return new StorageException(Reason.UNAVAILABLE, "interrupted");
    }
}
