package io.freehub.registry.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.bulk.BulkItem;
import io.freehub.registry.identity.Identities;
import io.freehub.registry.identity.Identity;
import io.freehub.store.Database;
import io.freehub.store.Waiting;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Writes every identity as a line of a blob, in the order of their keys, so that each device comes before its modules. The
 * blob is there when it is whole; an export that is interrupted begins anew.
 */
@ApplicationScoped
class Exporter {

    private static final int PAGE = 1000;
    private static final int BLOCK = 4 * 1024 * 1024;

    private final Identities identities;
    private final JobStore store;
    private final Database database;
    private final Blobs blobs;
    private final RegistryConfig config;
    private final JobMetrics metrics;
    private final ObjectWriter writer;

    Exporter(
            Identities identities,
            JobStore store,
            Database database,
            Blobs blobs,
            RegistryConfig config,
            JobMetrics metrics,
            ObjectMapper json) {
        this.identities = identities;
        this.store = store;
        this.database = database;
        this.blobs = blobs;
        this.config = config;
        this.metrics = metrics;
        this.writer = json.copy()
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
                .writerFor(BulkItem.class);
    }

    /** @return whether it came to the end, rather than being stopped */
    boolean run(JobRun run, JobTask.Export task, BooleanSupplier stopping) throws StorageException {
        var lease = config.jobs().lease();
        long total = Waiting.forIt(identities::count);
        Waiting.forIt(() -> database.write(() -> store.begin(run, total, lease)));
        try (var upload = blobs.output(task.output()).write(task.blob())) {
            var block = new ByteArrayOutputStream();
            if (task.excludeKeys()) {
                block.writeBytes((ImportLine.KEYS_EXCLUDED + "\n").getBytes(StandardCharsets.UTF_8));
            }
            long written = 0;
            var last = "";
            var page = next(last);
            while (!page.isEmpty()) {
                if (stopping.getAsBoolean()) {
                    return false;
                }
                for (var identity : page) {
                    block.writeBytes(line(identity, !task.excludeKeys()));
                    block.write('\n');
                }
                if (block.size() >= BLOCK) {
                    upload.append(block.toByteArray());
                    block.reset();
                }
                written += page.size();
                advance(run, written);
                metrics.exported(page.size());
                last = page.getLast().id().toString();
                page = next(last);
            }
            if (block.size() > 0) {
                upload.append(block.toByteArray());
            }
            advance(run, written); // still ours?
            upload.commit();
            return true;
        }
    }

    private List<Identity> next(String last) {
        return Waiting.forIt(() -> identities.after(last, PAGE));
    }

    private void advance(JobRun run, long written) {
        Waiting.forIt(() -> database.write(
                () -> store.advance(run, written, 0, "", config.jobs().lease())));
    }

    private byte[] line(Identity identity, boolean withKeys) {
        try {
            return writer.writeValueAsBytes(BulkItem.exported(identity, withKeys));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("identities are always JSON", e);
        }
    }
}
