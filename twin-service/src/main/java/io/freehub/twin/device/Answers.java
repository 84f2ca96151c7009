package io.freehub.twin.device;

import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.model.TwinRequest;
import io.freehub.service.http.ErrorBody;
import io.freehub.store.OutboxRecord;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.twin.StoredTwin;
import io.freehub.twin.twin.TwinMetrics.Operation;
import io.quarkus.logging.Log;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Answers requests, one after the other: what becomes of the twins, what is said to whom. A request that is wrong is
 * answered so and changes nothing.
 */
final class Answers {

    /** Characters of what is told; an answer may come to more than half a million of them. */
    private static final long MAX_TOLD = 8 << 20;

    /** A request that counts as an operation on a twin. */
    record Counted(Operation operation, boolean success, long bytes) {}

    private final Map<IdentityId, StoredTwin> twins;
    private final Map<Life, HubException> unknown;
    private final Instant now;
    private final Set<IdentityId> changed = new LinkedHashSet<>();
    private final List<OutboxRecord> records = new ArrayList<>();
    private final List<Counted> counted = new ArrayList<>();
    private long told;

    /**
     * @param twins those that there are, of all that are asked for
     * @param unknown why a life has no twin, where that is known
     */
    Answers(Map<IdentityId, StoredTwin> twins, Map<Life, HubException> unknown, Instant now) {
        this.twins = new HashMap<>(twins);
        this.unknown = unknown;
        this.now = now;
    }

    /** The twins that are another now. */
    Map<IdentityId, StoredTwin> changed() {
        var after = new HashMap<IdentityId, StoredTwin>();
        changed.forEach(identity -> after.put(identity, twins.get(identity)));
        return after;
    }

    /** What is to be told, in order. */
    List<OutboxRecord> records() {
        return records;
    }

    /** What is to be counted once all of it is done. */
    List<Counted> counted() {
        return counted;
    }

    /** Whether so much is to be told that further requests had better wait for the next answers. */
    boolean isFull() {
        return told > MAX_TOLD;
    }

    /** Answers that the hub could not work on the request. */
    void fail(TwinRequest request) {
        switch (request) {
            case TwinRequest.Get get -> fail(get.from(), get.requestId(), Operation.READ, 0);
            case TwinRequest.Report report ->
                fail(
                        report.from(),
                        report.requestId(),
                        Operation.UPDATE,
                        report.patch().length());
            case TwinRequest.Observe observe -> observed(observe, HubError.SERVER_ERROR.httpStatus());
            case TwinRequest.Unobserve _ -> {}
        }
    }

    void answer(TwinRequest request) {
        switch (request) {
            case TwinRequest.Get get -> reply(get.from(), get.requestId(), Operation.READ, 0, () -> read(get));
            case TwinRequest.Report report ->
                reply(
                        report.from(),
                        report.requestId(),
                        Operation.UPDATE,
                        report.patch().length(),
                        () -> write(report));
            case TwinRequest.Observe observe -> observe(observe);
            case TwinRequest.Unobserve unobserve -> unobserve(unobserve);
        }
    }

    /** An answer that is no error. */
    private record Done(int status, Optional<Long> version, String body) {}

    private Done read(TwinRequest.Get get) {
        return new Done(200, Optional.empty(), JsonText.write(twinOf(get).twin().properties()));
    }

    private Done write(TwinRequest.Report report) {
        var before = twinOf(report);
        var patch = JsonText.readObject(report.patch());
        var twin = before.twin().report(patch, report.version(), now);
        var identity = report.from().identity();
        tell(OutboxRecord.of(
                Topic.TWIN_CHANGES,
                identity.device().value(),
                new TwinChange.Updated(identity, twin.version(), JsonText.write(twin.reportedChanges(patch)), now)));
        put(identity, before.with(twin));
        return new Done(204, Optional.of(twin.reported().version()), "");
    }

    private void reply(
            SessionAddress to, String requestId, Operation operation, long requestBytes, Supplier<Done> work) {
        try {
            var done = work.get();
            tell(OutboxRecord.of(new Downlink.TwinAnswered(to, requestId, done.status(), done.version(), done.body())));
            counted.add(new Counted(operation, true, requestBytes + done.body().length()));
        } catch (HubException e) {
            refuse(to, requestId, e.error(), String.valueOf(e.getMessage()));
            counted.add(new Counted(operation, false, requestBytes));
        } catch (RuntimeException e) {
            Log.errorf(e, "request not answered identity=%s session=%s", to.identity(), to.session());
            fail(to, requestId, operation, requestBytes);
        }
    }

    private void fail(SessionAddress to, String requestId, Operation operation, long requestBytes) {
        refuse(to, requestId, HubError.SERVER_ERROR, "the hub could not work on the request");
        counted.add(new Counted(operation, false, requestBytes));
    }

    private void tell(OutboxRecord record) {
        records.add(record);
        told += record.value() == null ? 0 : record.value().length();
    }

    private void refuse(SessionAddress to, String requestId, HubError error, String detail) {
        // A key that is quoted may hold half of a surrogate pair, which is no text for anybody else.
        var text = new String(detail.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        var body = ErrorBody.numbered(error, text, to.session(), now);
        tell(OutboxRecord.of(new Downlink.TwinAnswered(to, requestId, error.httpStatus(), Optional.empty(), body)));
    }

    private void observe(TwinRequest.Observe observe) {
        int status = 200;
        try {
            put(observe.from().identity(), twinOf(observe).watchedBy(Optional.of(observe.from())));
        } catch (HubException e) {
            status = e.error().httpStatus();
        }
        observed(observe, status);
    }

    private void observed(TwinRequest.Observe observe, int status) {
        tell(OutboxRecord.of(new Downlink.ObserveAnswered(observe.from(), observe.number(), status)));
    }

    private void unobserve(TwinRequest.Unobserve unobserve) {
        var identity = unobserve.from().identity();
        Optional.ofNullable(twins.get(identity))
                .filter(twin -> twin.watcher().equals(Optional.of(unobserve.from())))
                .ifPresent(twin -> put(identity, twin.watchedBy(Optional.empty())));
    }

    private void put(IdentityId identity, StoredTwin twin) {
        twins.put(identity, twin);
        changed.add(identity);
    }

    private StoredTwin twinOf(TwinRequest request) {
        var life = Life.of(request);
        return Optional.ofNullable(twins.get(life.identity()))
                .filter(twin -> twin.generation() == life.generation())
                .orElseThrow(() -> unknown.getOrDefault(life, gone(life)));
    }

    private static HubException gone(Life life) {
        return new HubException(HubError.DEVICE_NOT_FOUND, "'" + life.identity() + "' is not there any more");
    }
}
