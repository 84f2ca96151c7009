package io.freehub.registry.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.freehub.model.HubException;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.bulk.BulkItem;
import io.freehub.registry.identity.Identities;
import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.store.Database;
import io.freehub.store.Waiting;
import io.quarkus.logging.Log;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Applies the lines of a blob. What a batch of lines changes, the events that tell of it, what was wrong with the lines
 * and the position in the blob are one transaction: an import that is interrupted anywhere goes on right there.
 */
@ApplicationScoped
class Importer {

    private static final int LOG_BLOCK = 1024 * 1024;

    private final Identities identities;
    private final JobStore store;
    private final Database database;
    private final Blobs blobs;
    private final RegistryConfig config;
    private final JobMetrics metrics;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    Importer(
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
        this.reader = json.readerFor(BulkItem.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        this.writer = json.copy()
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
                .writerFor(ImportLine.Failure.class);
    }

    /**
     * Imports from where the job stands.
     *
     * @return whether it came to the end, rather than being stopped
     */
    boolean run(JobRun run, JobTask.Import task, BooleanSupplier stopping) throws StorageException {
        var lines = new BlobLines(blobs.input(task.input()), run.blob(), run.position(), run.lines());
        var line = lines.next();
        while (line.isPresent()) {
            if (stopping.getAsBoolean()) {
                return false;
            }
            var batch = new ImportBatch(config.jobs().batchSize());
            while (line.isPresent() && batch.take(line.get(), ImportLine.read(line.get(), reader))) {
                line = lines.next();
            }
            apply(run, batch);
        }
        return true;
    }

    private void apply(JobRun run, ImportBatch batch) {
        try {
            applyAtOnce(run, batch);
        } catch (JobLostException | HubException e) {
            throw e;
        } catch (RuntimeException e) {
            // Something in it cannot be stored, which no check foresaw; it must not keep the others out.
            Log.warnf(e, "lines of an import not applied together lines=%d", batch.lines());
            for (var single : batch.singles()) {
                applyAlone(run, single);
            }
        }
    }

    private void applyAlone(JobRun run, ImportBatch single) {
        try {
            applyAtOnce(run, single);
        } catch (JobLostException | HubException e) {
            throw e;
        } catch (RuntimeException e) {
            applyAtOnce(run, single.givenUp());
        }
    }

    private void applyAtOnce(JobRun run, ImportBatch batch) {
        var outcomes = Waiting.forIt(() -> identities.apply(batch.changes(), made -> advance(run, batch, made)));
        metrics.imported(outcomes, batch.failures(outcomes).size());
    }

    private Uni<Void> advance(JobRun run, ImportBatch batch, List<Outcome> outcomes) {
        return store.advance(
                run,
                batch.end(),
                batch.lines(),
                batch.failures(outcomes).stream().map(this::text).collect(Collectors.joining()),
                config.jobs().lease());
    }

    private String text(ImportLine.Failure failure) {
        try {
            return writer.writeValueAsString(failure) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    /** Writes what was wrong; an empty log when nothing was, so that none of an earlier import is taken for this one's. */
    void writeErrors(JobRun run, JobTask.Import task) throws StorageException {
        try (var upload = blobs.output(task.output()).write(JobTask.ERRORS_BLOB)) {
            var block = new ByteArrayOutputStream();
            var errors = errors(run, -1);
            while (!errors.isEmpty()) {
                for (var some : errors) {
                    block.writeBytes(some.text().getBytes(StandardCharsets.UTF_8));
                }
                if (block.size() >= LOG_BLOCK) {
                    upload.append(block.toByteArray());
                    block.reset();
                }
                errors = errors(run, errors.getLast().position());
            }
            if (block.size() > 0) {
                upload.append(block.toByteArray());
            }
            upload.commit();
        }
    }

    private List<JobStore.Errors> errors(JobRun run, long after) {
        return Waiting.forIt(() -> database.read(() -> store.errors(run.id(), after)));
    }
}
