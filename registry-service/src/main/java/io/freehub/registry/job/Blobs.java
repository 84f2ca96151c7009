package io.freehub.registry.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.job.JobStorage.Blob;
import io.freehub.registry.job.StorageException.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Opens containers, and sees before a job begins whether it could do its work. */
@ApplicationScoped
class Blobs {

    private final RegistryConfig config;
    private final AzureStorage azure = new AzureStorage();

    Blobs(RegistryConfig config) {
        this.config = config;
    }

    /** Opens a container to read from it. */
    JobStorage input(Container container) throws StorageException {
        return open(container, false);
    }

    /** Opens a container to write to it; one of the hub's own storage is made. */
    JobStorage output(Container container) throws StorageException {
        return open(container, true);
    }

    /**
     * Tries what the job will do. Waits: not for an event loop.
     *
     * @return what an import will read
     * @throws HubException {@link HubError#BLOB_CONTAINER_INVALID} saying what cannot be done, in the words of IoT Hub
     */
    Optional<Blob> check(JobTask task, String job) {
        var blob =
                switch (task) {
                    case JobTask.Import(var input, var name, var _) ->
                        Optional.of(
                                trying("Unauthorized to read from input blob container", () -> readable(input, name)));
                    case JobTask.Export _ -> Optional.<Blob>empty();
                };
        var probe = "freehub-" + job + ".probe";
        trying("Unauthorized to write to output blob container", () -> {
            var output = output(task.output());
            if (task instanceof JobTask.Export) {
                output.write(task.blob()).close(); // sees whether a blob can have this name
            }
            try (var upload = output.write(probe)) {
                upload.commit();
            }
            return probe;
        });
        trying("Unauthorized to delete from output blob container", () -> {
            output(task.output()).delete(probe);
            return probe;
        });
        return blob;
    }

    private Blob readable(Container input, String name) throws StorageException {
        var blob = input(input)
                .find(name)
                .orElseThrow(() -> new StorageException(
                        Reason.MISSING, "there is no blob '" + name + "' in the input blob container"));
        long limit = config.jobs().maxImportSize().asLongValue();
        if (blob.size() > limit) {
            throw new HubException(
                    HubError.BLOB_CONTAINER_INVALID,
                    "the blob '" + name + "' has " + blob.size() + " bytes, an import reads at most " + limit);
        }
        return blob;
    }

    private JobStorage open(Container container, boolean create) throws StorageException {
        return switch (container) {
            case Container.Own own ->
                OwnContainer.open(
                        config.storage()
                                .directory()
                                .orElseThrow(() -> new HubException(
                                        HubError.BLOB_CONTAINER_INVALID, "this hub has no storage of its own")),
                        own,
                        create);
            case Container.Remote(var uri)
            when uri.getScheme().equalsIgnoreCase("http") && !config.storage().allowHttp() ->
                throw new HubException(HubError.BLOB_CONTAINER_INVALID, "the container URI must begin with https://");
            case Container.Remote remote -> azure.open(remote);
        };
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws StorageException;
    }

    private static <T> T trying(String refusal, Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (StorageException e) {
            throw new HubException(HubError.BLOB_CONTAINER_INVALID, refusal + ": " + e.getMessage(), e);
        }
    }
}
