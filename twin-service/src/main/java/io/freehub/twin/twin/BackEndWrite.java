package io.freehub.twin.twin;

import io.freehub.model.Downlink;
import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.store.OutboxRecord;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Twin;
import io.freehub.twin.document.TwinWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A write of a back end, or of the hub in its place: the twin afterwards, and what is to be told of it, both of which belong
 * into one transaction.
 */
public record BackEndWrite(Twin twin, List<OutboxRecord> records) {

    /**
     * @param watcher who is told of desired properties
     * @throws io.freehub.model.HubException when a section would become too large
     */
    public static BackEndWrite of(
            IdentityId identity, Twin before, Optional<SessionAddress> watcher, TwinWrite asked, Instant now) {
        var write = asked.of(before);
        var twin = before.apply(write, now);
        var records = new ArrayList<OutboxRecord>();
        records.add(OutboxRecord.of(Topic.TWIN_CHANGES, identity.device().value(), change(identity, twin, write, now)));
        watcher.flatMap(session -> notification(session, twin, write))
                .map(OutboxRecord::of)
                .ifPresent(records::add);
        return new BackEndWrite(twin, records);
    }

    /** What the device or module is told. */
    private static Optional<Downlink> notification(SessionAddress watcher, Twin twin, TwinWrite write) {
        return twin.desiredChange(write)
                .map(change ->
                        new Downlink.DesiredChanged(watcher, twin.desired().version(), JsonText.write(change)));
    }

    private static TwinChange change(IdentityId identity, Twin twin, TwinWrite write, Instant now) {
        return switch (write) {
            case TwinWrite.Patch patch ->
                new TwinChange.Updated(identity, twin.version(), JsonText.write(twin.changes(patch)), now);
            case TwinWrite.Replacement _ ->
                new TwinChange.Replaced(
                        identity, twin.version(), JsonText.write(Twin.named(identity, twin.json())), now);
        };
    }
}
