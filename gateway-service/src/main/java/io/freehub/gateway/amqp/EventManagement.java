package io.freehub.gateway.amqp;

import io.freehub.gateway.events.ConsumerGroups;
import io.freehub.gateway.events.EventEndpoint;
import io.freehub.gateway.events.PartitionState;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.SasToken;
import io.quarkus.logging.Log;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.message.Message;

/**
 * Answers what there is to read: the partitions, and what each holds. An answer repeats the id of its request with its type.
 * Its keys are strings and its numbers of the widths that the SDKs cast to.
 *
 * <p>Source: the SDKs of Event Hubs.
 */
final class EventManagement implements Intake {

    /** Requests that may be without an answer, and answers that the client may leave untaken. */
    private static final int MAX_REQUESTS = 100;

    /** There may be thousands of partitions. */
    private static final int MAX_ANSWER = 64 << 10;

    private static final String OF_HUB = "com.microsoft:eventhub";
    private static final String OF_PARTITION = "com.microsoft:partition";

    private final IncomingLink link;
    private final EventEndpoint endpoint;
    private final ConsumerGroups groups;
    private final String entity;

    EventManagement(IncomingLink link, EventEndpoint endpoint, ConsumerGroups groups, String entity) {
        this.link = link;
        this.endpoint = endpoint;
        this.groups = groups;
        this.entity = entity;
    }

    @Override
    public void begun() {
        link.grant(MAX_REQUESTS);
    }

    @Override
    public void take(Incoming incoming) {
        var request = Proton.message();
        try {
            request.decode(incoming.encoded(), 0, incoming.encoded().length);
        } catch (RuntimeException | StackOverflowError e) {
            link.settle(incoming, AmqpErrors.rejected(AmqpErrors.DECODE_ERROR, "the request is no AMQP message"));
            link.grant(1);
            return;
        }
        link.settle(incoming, Accepted.getInstance());
        try {
            var token = SasToken.parse(text(request, "security_token")
                    .orElseThrow(() -> new HubException(HubError.UNAUTHORIZED, "the request has no security_token")));
            link.connection().tokens().show(token, resources(), refused -> {
                if (refused.isEmpty()) {
                    answer(request);
                } else {
                    refuse(
                            request,
                            new HubException(
                                    refused.get().error(), refused.get().reason()));
                }
            });
        } catch (HubException e) {
            refuse(request, e);
        }
    }

    /** What a token may be for. */
    private List<List<String>> resources() {
        return List.of(List.of(entity, EventAddress.MANAGEMENT), EventAddress.OF_HUB);
    }

    private void answer(Message request) {
        read(request).whenComplete((body, failure) -> link.executor().execute(() -> {
            if (failure == null) {
                send(request, Map.of("status-code", 200, "status-description", "OK"), body);
            } else {
                refuse(request, refusal(failure));
            }
        }));
    }

    private void refuse(Message request, HubException why) {
        send(
                request,
                Map.of(
                        "status-code", status(why.error()),
                        "status-description", why.getMessage(),
                        "error-condition", Symbol.valueOf(why.error().amqpCondition())),
                Map.of());
    }

    private CompletableFuture<Map<String, Object>> read(Message request) {
        try {
            if (text(request, "operation").filter("READ"::equals).isEmpty()) {
                throw new HubException(HubError.ARGUMENT_INVALID, "the only operation is READ");
            }
            var name = text(request, "name").orElse("");
            if (!name.equalsIgnoreCase(entity)) {
                throw EventAddress.unknown("event hub", name);
            }
            return switch (text(request, "type").orElse("")) {
                case OF_HUB -> endpoint.partitions().thenApply(this::hub);
                case OF_PARTITION -> partition(text(request, "partition").orElse(""));
                default ->
                    throw new HubException(
                            HubError.ARGUMENT_INVALID, "the type is neither " + OF_HUB + " nor " + OF_PARTITION);
            };
        } catch (HubException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Map<String, Object> hub(int partitions) {
        return Map.of(
                "name",
                entity,
                "type",
                OF_HUB,
                "created_at",
                Date.from(groups.endpointCreatedAt()),
                "partition_count",
                partitions,
                "partition_ids",
                IntStream.range(0, partitions).mapToObj(Integer::toString).toArray(String[]::new),
                "georeplication_factor",
                1);
    }

    private CompletableFuture<Map<String, Object>> partition(String id) {
        var address = new EventAddress.Partition(entity, "", id);
        return endpoint.partitions()
                .thenApply(address::number)
                .thenCompose(endpoint::state)
                .thenApply(state -> partition(id, state));
    }

    private Map<String, Object> partition(String id, PartitionState state) {
        return Map.of(
                "name",
                entity,
                "type",
                OF_PARTITION,
                "partition",
                id,
                "begin_sequence_number",
                state.beginning(),
                "last_enqueued_sequence_number",
                state.last(),
                "last_enqueued_offset",
                Long.toString(state.last()),
                "last_enqueued_time_utc",
                Date.from(state.lastEnqueuedAt().orElse(Instant.EPOCH)),
                "is_partition_empty",
                state.isEmpty());
    }

    private static HubException refusal(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapper when wrapper.getCause() != null -> refusal(wrapper.getCause());
            case HubException refused -> refused;
            default -> {
                Log.warnf("state of the endpoint not known: %s", failure);
                yield new HubException(HubError.SERVICE_UNAVAILABLE, "Kafka does not answer, try again in a moment");
            }
        };
    }

    private void send(Message request, Map<String, Object> status, Map<String, Object> body) {
        if (link.isEnded()) {
            return;
        }
        var answer = Proton.message();
        answer.setAddress(request.getReplyTo());
        answer.setCorrelationId(request.getMessageId());
        answer.setApplicationProperties(new ApplicationProperties(status));
        answer.setBody(new AmqpValue(body));
        try {
            var buffer = new byte[MAX_ANSWER];
            var encoded = Arrays.copyOf(buffer, answer.encode(buffer, 0, buffer.length));
            link.connection()
                    .management()
                    .send(link, Optional.ofNullable(request.getReplyTo()).orElse(""), encoded);
        } catch (RuntimeException e) {
            link.detach(AmqpErrors.condition("amqp:invalid-field", "the message id is too long, or no id"));
        }
    }

    private static int status(HubError error) {
        return switch (error) {
            case THROTTLED, QUOTA_EXCEEDED -> 403;
            default -> error.httpStatus();
        };
    }

    private static Optional<String> text(Message request, String property) {
        return Optional.ofNullable(request.getApplicationProperties())
                .map(ApplicationProperties::getValue)
                .map(properties -> properties.get(property))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }
}
