package io.freehub.twin.device;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.store.BatchReader.PositionMovedException;
import io.freehub.store.BatchReader.Span;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRelay;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.life.Beginnings;
import io.freehub.twin.twin.TwinMetrics;
import io.freehub.twin.twin.TwinTable;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Answers what devices ask about their twins. The requests of a batch, what they change, what is told of it, the answers
 * and the positions after them are one transaction: none is lost, none counts twice.
 */
@ApplicationScoped
class TwinRequests {

    private final AgroalDataSource dataSource;
    private final Beginnings beginnings;
    private final Outbox outbox;
    private final OutboxRelay relay;
    private final TwinMetrics metrics;
    private final Clock clock;
    private final BatchReader<Logged> reader;

    /** How far this replica has answered; for the reader's thread. */
    private final Map<Integer, Long> answered = new HashMap<>();

    /** A request and where it stands in the log. */
    private record Logged(int partition, long offset, TwinRequest request) {}

    /**
     * What is to be answered.
     *
     * @param requests in the order of the log, as far as they are of one partition
     * @param spans what of each partition this is; none is empty
     */
    private record Portion(List<Logged> requests, Map<Integer, Span> spans) {

        /** So many requests, and what stands before the others. */
        Portion first(int count) {
            return new Portion(requests.subList(0, count), spans(requests.subList(count, requests.size()), true));
        }

        /** What is left after so many requests. */
        Portion after(int count) {
            var rest = requests.subList(count, requests.size());
            return new Portion(rest, spans(rest, false));
        }

        /** The spans cut at the first that is left of each partition: what is before, or what is behind. */
        private Map<Integer, Span> spans(List<Logged> left, boolean before) {
            var cut = new TreeMap<Integer, Span>();
            spans.forEach((partition, span) -> {
                long at = left.stream()
                        .filter(logged -> logged.partition() == partition)
                        .mapToLong(Logged::offset)
                        .findFirst()
                        .orElse(span.to());
                var part = before ? new Span(span.from(), at) : new Span(at, span.to());
                if (part.from() < part.to()) {
                    cut.put(partition, part);
                }
            });
            return cut;
        }
    }

    TwinRequests(
            HubKafka kafka,
            AgroalDataSource dataSource,
            Beginnings beginnings,
            Outbox outbox,
            OutboxRelay relay,
            TwinMetrics metrics,
            TwinConfig config,
            Clock clock) {
        this.dataSource = dataSource;
        this.beginnings = beginnings;
        this.outbox = outbox;
        this.relay = relay;
        this.metrics = metrics;
        this.clock = clock;
        this.reader = new BatchReader<>(
                kafka,
                Topic.TWIN_REQUESTS,
                new BatchReader.Settings(
                        "twin-requests",
                        "twin-requests",
                        config.requests().batchSize(),
                        config.requests().gather(),
                        config.requests().maxBackoff()),
                TwinRequests::read,
                this::answer,
                this::readOn);
    }

    void start(@Observes StartupEvent event) {
        reader.start();
    }

    void stop(@Observes ShutdownEvent event) {
        reader.close();
    }

    /** Whether requests are still being answered. */
    boolean isAlive() {
        return reader.isAlive();
    }

    private static Logged read(ConsumerRecord<String, byte[]> record) {
        var request = HubJson.read(record.value(), TwinRequest.class);
        // Whatever is no number is no generation of the registry's.
        Life.of(request);
        return new Logged(record.partition(), record.offset(), request);
    }

    private long readOn(int partition, long beginning, long end) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            long position = RequestPositions.readOn(connection, partition, beginning, end);
            answered.put(partition, position);
            return position;
        }
    }

    private void answer(BatchReader.Batch<Logged> batch) throws SQLException, InterruptedException {
        var spans = new TreeMap<Integer, Span>();
        batch.spans().forEach((partition, span) -> {
            // Some is done already when the database went away in the middle of the batch.
            long from = Math.max(span.from(), done(partition));
            if (from < span.to()) {
                spans.put(partition, new Span(from, span.to()));
            }
        });
        answerAll(new Portion(
                batch.records().stream()
                        .filter(logged -> logged.offset() >= done(logged.partition()))
                        .toList(),
                spans));
    }

    private long done(int partition) {
        return answered.getOrDefault(partition, 0L);
    }

    /** Answers together as many as fit into one transaction, but each alone once one of them cannot be worked on. */
    private void answerAll(Portion portion) throws SQLException, InterruptedException {
        boolean together = true;
        var left = portion;
        while (!left.spans().isEmpty()) {
            var next = together ? left : left.first(Math.min(1, left.requests().size()));
            try {
                left = left.after(answer(next));
            } catch (SQLException | RuntimeException e) {
                if (!isOfRequests(e)) {
                    throw e;
                }
                if (next.requests().size() > 1) {
                    Log.warnf("requests not answered together reason=%s", e);
                    together = false;
                } else {
                    left = left.after(fail(next, e));
                }
            }
        }
    }

    /** Whether it lies in what is asked or in whose twin it is, and not in the database being away. */
    private static boolean isOfRequests(Exception failure) {
        return switch (failure) {
            case PositionMovedException _ -> false;
            case SQLException refused -> Database.isRefusal(refused);
            default -> true;
        };
    }

    /** Answers that one cannot be worked on; waits as before when the database does not take that either. */
    private int fail(Portion one, Exception reason) throws SQLException {
        var request = one.requests().stream().map(Logged::request).findFirst();
        Log.errorf(
                reason,
                "request not answered identity=%s at=%s",
                request.map(failed -> failed.from().identity().toString()).orElse("none"),
                one.spans());
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var answers = new Answers(Map.of(), Map.of(), clock.instant());
                request.ifPresent(answers::fail);
                store(connection, one, answers);
            } finally {
                connection.rollback();
            }
        }
        return one.requests().size();
    }

    /** How many were answered: the first ones. */
    private int answer(Portion portion) throws SQLException, InterruptedException {
        var first = tryAnswer(portion, lives(portion.requests()), Map.of());
        return first.missing().isEmpty()
                ? first.answered()
                : tryAnswer(portion, Set.of(), begin(first.missing())).answered();
    }

    /** How many were answered, and which lives that must have a twin have none yet; either is none. */
    private record Attempt(int answered, Set<Life> missing) {}

    /** Those that must have a twin. */
    private static Set<Life> lives(List<Logged> requests) {
        return requests.stream()
                .map(Logged::request)
                .filter(request -> !(request instanceof TwinRequest.Unobserve))
                .map(Life::of)
                .collect(Collectors.toSet());
    }

    /** Answers, unless lives that must have a twin have none yet. */
    private Attempt tryAnswer(Portion portion, Set<Life> lives, Map<Life, HubException> unknown) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var twins = TwinTable.lock(
                        connection,
                        portion.requests().stream()
                                .map(logged -> logged.request().from().identity())
                                .collect(Collectors.toSet()));
                var missing = lives.stream()
                        .filter(life -> !twins.containsKey(life.identity())
                                || twins.get(life.identity()).generation() < life.generation())
                        .collect(Collectors.toSet());
                return missing.isEmpty()
                        ? new Attempt(
                                answer(connection, portion, new Answers(twins, unknown, clock.instant())), missing)
                        : new Attempt(0, missing);
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }

    private int answer(Connection connection, Portion portion, Answers answers) throws SQLException {
        int count = 0;
        while (count < portion.requests().size() && !answers.isFull()) {
            answers.answer(portion.requests().get(count).request());
            count++;
        }
        store(connection, portion.first(count), answers);
        return count;
    }

    private void store(Connection connection, Portion done, Answers answers) throws SQLException {
        for (var span : done.spans().entrySet()) {
            RequestPositions.moveOn(connection, span.getKey(), span.getValue());
        }
        TwinTable.saveReported(connection, answers.changed());
        outbox.add(connection, answers.records());
        connection.commit();
        done.spans().forEach((partition, span) -> answered.put(partition, span.to()));
        relay.kick();
        answers.counted()
                .forEach(told ->
                        metrics.count(TwinMetrics.Origin.DEVICE, told.operation(), told.success(), told.bytes()));
    }

    /** Begins the lives, as far as the registry knows them; why one has no twin then. */
    private Map<Life, HubException> begin(Set<Life> lives) throws InterruptedException {
        var failed = new ConcurrentHashMap<Life, HubException>();
        // A context for each: a transaction belongs to its context.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            lives.forEach(life -> threads.execute(() -> begin(life, failed)));
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return failed;
    }

    private void begin(Life life, Map<Life, HubException> failed) {
        try {
            VertxContextSupport.subscribeAndAwait(() -> beginnings.begin(life.identity(), life.generation()));
        } catch (Throwable e) {
            if (!(e instanceof HubException)) {
                Log.warnf(e, "life not begun identity=%s", life.identity());
            }
            failed.put(
                    life,
                    e instanceof HubException known
                            ? known
                            : new HubException(
                                    HubError.SERVICE_UNAVAILABLE,
                                    "the twin is not there yet, try again in a moment",
                                    e));
        }
    }
}
