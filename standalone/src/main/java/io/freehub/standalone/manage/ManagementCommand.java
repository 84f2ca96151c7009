package io.freehub.standalone.manage;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.standalone.LauncherException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What commands about a running hub have in common: where it is, and how they print. Alone they list. */
abstract class ManagementCommand implements Callable<Integer> {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Directory of the hub. Default: ${DEFAULT-VALUE}",
            defaultValue = ".freehub")
    private Path data = Path.of(".freehub");

    @Option(
            names = "--hub",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "File that tells of the hub, for one elsewhere. Default: hub.env in its directory")
    private @Nullable Path hub;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Prints what the hub answers.")
    private boolean json;

    @Spec
    @Nullable
    private CommandSpec spec;

    @Override
    public final Integer call() {
        return list();
    }

    abstract int list();

    /** Does something with the hub. */
    final int with(Function<ManagementClient, Integer> action) {
        try (var client = new ManagementClient(Optional.ofNullable(hub).orElse(data.resolve("hub.env")))) {
            return action.apply(client);
        }
    }

    /** Prints the answer as it is when that is asked for, otherwise these lines. */
    final int print(JsonNode answer, List<String> lines) {
        if (json) {
            say(answer.toPrettyString());
        } else {
            lines.forEach(this::say);
        }
        return 0;
    }

    final void say(String line) {
        var out = Optional.ofNullable(spec).orElseThrow().commandLine().getOut();
        out.println(line);
        out.flush();
    }

    /** Says how far something is, beside what is printed. */
    final void progress(int percent) {
        var err = Optional.ofNullable(spec).orElseThrow().commandLine().getErr();
        err.println(percent + " %");
        err.flush();
    }

    /** Rows under a heading, columns as wide as what is in them. */
    static List<String> table(List<String> heading, List<List<String>> rows) {
        var all = new ArrayList<List<String>>(rows);
        all.addFirst(heading);
        return all.stream()
                .map(row -> {
                    var line = new StringBuilder();
                    for (int column = 0; column < row.size(); column++) {
                        int at = column;
                        int width = all.stream()
                                .mapToInt(each -> each.get(at).length())
                                .max()
                                .orElse(0);
                        line.append(row.get(column))
                                .repeat(" ", width - row.get(column).length() + 2);
                    }
                    return line.toString().stripTrailing();
                })
                .toList();
    }

    /** A part of a path, once it is certain that it is one. */
    static String segment(String name) {
        if (!name.matches("[A-Za-z0-9._@-]+")) {
            throw new LauncherException("'" + name + "' is no name: letters, digits and . _ - make one");
        }
        return name;
    }
}
