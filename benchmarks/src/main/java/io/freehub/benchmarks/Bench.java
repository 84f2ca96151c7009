package io.freehub.benchmarks;

import io.freehub.standalone.LauncherException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks behind the command {@code ./hub bench}. */
@Command(
        name = "hub bench",
        subcommands = {
            TelemetryCommand.class,
            EventsCommand.class,
            TwinsCommand.class,
            QueriesCommand.class,
            ConfigurationsCommand.class,
            MethodsCommand.class,
            MessagesCommand.class,
            SessionsCommand.class,
            ImportCommand.class
        },
        mixinStandardHelpOptions = true,
        description = "Measures a hub under load.")
public final class Bench {

    /** Loggers are forgotten, with their level, unless somebody holds them. */
    private static final Logger LIBRARIES = Logger.getLogger("");

    private Bench() {}

    public static void main(String[] arguments) {
        LIBRARIES.setLevel(Level.SEVERE);
        System.exit(commandLine().execute(arguments));
    }

    /** Says how far a benchmark is; what it measures goes to the standard output. */
    static void tell(String line) {
        System.err.println("hub bench: " + line);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Bench()).setExecutionExceptionHandler((failure, command, _) -> {
            if (failure instanceof BenchmarkException || failure instanceof LauncherException) {
                command.getErr().println("hub bench: " + failure.getMessage());
                return CommandLine.ExitCode.SOFTWARE;
            }
            throw failure;
        });
    }
}
