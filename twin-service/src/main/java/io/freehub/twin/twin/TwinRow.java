package io.freehub.twin.twin;

import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Metadata;
import io.freehub.twin.document.Section;
import io.freehub.twin.document.Twin;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A twin in the database. */
@Entity
@Table(name = "twin")
class TwinRow {

    /** {@code device} or {@code device/module}. */
    @Id
    String id = "";

    long generation;
    long version;
    long writes;
    String tags = "";
    String desired = "";

    @Column(name = "desired_metadata")
    String desiredMetadata = "";

    @Column(name = "desired_version")
    long desiredVersion;

    String reported = "";

    @Column(name = "reported_metadata")
    String reportedMetadata = "";

    @Column(name = "reported_version")
    long reportedVersion;

    IdentityId identity() {
        return IdentityId.parse(id);
    }

    @Column(name = "watcher_gateway")
    @Nullable
    Integer watcherGateway;

    @Column(name = "watcher_session")
    @Nullable
    String watcherSession;

    /** Who is told of desired properties that are written. */
    Optional<SessionAddress> watcher() {
        return watcherGateway == null || watcherSession == null
                ? Optional.empty()
                : Optional.of(new SessionAddress(identity(), watcherSession, watcherGateway));
    }

    Twin twin() {
        return new Twin(
                JsonText.readObject(tags),
                section(desired, desiredMetadata, desiredVersion),
                section(reported, reportedMetadata, reportedVersion),
                version,
                writes);
    }

    private static Section section(String values, String metadata, long version) {
        return new Section(JsonText.readObject(values), Metadata.parse(JsonText.readObject(metadata)), version);
    }

    /** Becomes what the twin is. */
    void take(Twin twin) {
        version = twin.version();
        writes = twin.writes();
        tags = JsonText.write(twin.tags());
        desired = JsonText.write(twin.desired().values());
        desiredMetadata = JsonText.write(twin.desired().metadata().json());
        desiredVersion = twin.desired().version();
        reported = JsonText.write(twin.reported().values());
        reportedMetadata = JsonText.write(twin.reported().metadata().json());
        reportedVersion = twin.reported().version();
    }
}
