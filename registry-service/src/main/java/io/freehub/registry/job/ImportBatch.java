package io.freehub.registry.job;

import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.registry.identity.IdentityChange;
import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.registry.identity.IdentityChange.Refused;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Lines of an import that are applied in one transaction. Each identity is in it once, so that every line counts. */
final class ImportBatch {

    private final int limit;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<IdentityId> identities = new HashSet<>();

    private record Entry(BlobLines.Line line, ImportLine meaning) {}

    ImportBatch(int limit) {
        this.limit = limit;
    }

    /** Takes a line, if it belongs into this batch; the first one always does. */
    boolean take(BlobLines.Line line, ImportLine meaning) {
        if (entries.size() == limit
                || meaning instanceof ImportLine.Change(var change) && !identities.add(change.identity())) {
            return false;
        }
        entries.add(new Entry(line, meaning));
        return true;
    }

    /** The changes, in the order of their lines. */
    List<IdentityChange> changes() {
        return entries.stream()
                .flatMap(entry ->
                        entry.meaning() instanceof ImportLine.Change(var change) ? Stream.of(change) : Stream.empty())
                .toList();
    }

    /** Where in the blob the next batch begins. */
    long end() {
        return entries.getLast().line().end();
    }

    /** Lines of the blob up to there. */
    long lines() {
        return entries.getLast().line().number();
    }

    /**
     * What did not succeed, in the order of the lines.
     *
     * @param outcomes of the changes
     */
    List<ImportLine.Failure> failures(List<? extends Outcome> outcomes) {
        var outcome = outcomes.iterator();
        var failures = new ArrayList<ImportLine.Failure>();
        for (var entry : entries) {
            switch (entry.meaning()) {
                case ImportLine.Change(var change) -> {
                    if (outcome.next() instanceof Refused(var error, var detail)) {
                        failures.add(ImportLine.Failure.of(change, error, detail));
                    }
                }
                case ImportLine.Wrong(var failure) -> failures.add(failure);
                case ImportLine.Nothing() -> {}
            }
        }
        return failures;
    }

    /** The same lines, each by itself. */
    List<ImportBatch> singles() {
        return entries.stream().map(entry -> of(entry.line(), entry.meaning())).toList();
    }

    /** The same lines, none of them applied. */
    ImportBatch givenUp() {
        var none = new ImportBatch(limit);
        entries.forEach(entry -> none.take(
                entry.line(),
                entry.meaning() instanceof ImportLine.Change(var change)
                        ? new ImportLine.Wrong(
                                ImportLine.Failure.of(change, HubError.SERVER_ERROR, "the hub could not store this"))
                        : entry.meaning()));
        return none;
    }

    private static ImportBatch of(BlobLines.Line line, ImportLine meaning) {
        var single = new ImportBatch(1);
        single.take(line, meaning);
        return single;
    }
}
